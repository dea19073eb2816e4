/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a datagram is no IKE message. What a peer sends must not cost memory, so
 * these are numbers, each with a sentence; whoever counts them has a name.
 */
#ifndef WIRE_REASON_H
#define WIRE_REASON_H

#define WIRE_REASON_LIST(X) \
	X(OK, "there is nothing wrong with it") \
	X(SHORT_HEADER, "it is shorter than the header of IKE") \
	X(LENGTH, "its length is not the one its header tells") \
	X(VERSION, "its major version is not 2") \
	X(INITIATOR_SPI, "the SPI of its initiator is 0") \
	X(TRUNCATED, "a payload is longer than what is left") \
	X(TRAILING, "bytes follow the last payload") \
	X(TOO_MANY, "it has more payloads than any message needs") \
	X(DUPLICATE, "a payload that may occur once occurs twice") \
	X(CRITICAL, "it has an unknown payload that is marked critical") \
	X(SK_NOT_LAST, "a payload follows the encrypted one") \
	X(SK_NESTED, "there is an encrypted payload in the encrypted one") \
	X(SA_MALFORMED, "lengths in its SA payload disagree") \
	X(SA_EMPTY, "its SA payload has no proposal, or one without transforms") \
	X(SA_TOO_LONG, "it has more proposals or transforms than any message needs") \
	X(SA_SPI, "an SPI in its SA payload has the wrong length") \
	X(SA_NUMBERS, "its proposals are not numbered in order") \
	X(KE_MALFORMED, "its KE payload is too short") \
	X(NONCE_MALFORMED, "its nonce does not have 16 to 256 bytes") \
	X(ID_MALFORMED, "its identity is too short") \
	X(CERT_MALFORMED, "its certificate or request for one is too short") \
	X(AUTH_MALFORMED, "its AUTH payload is too short") \
	X(NOTIFY_MALFORMED, "a notify is shorter than what it tells") \
	X(NOTIFY_SPI, "an SPI in a notify has the wrong length") \
	X(DELETE_MALFORMED, "a delete payload tells another number of SPIs than it has") \
	X(TS_MALFORMED, "lengths in its traffic selectors disagree") \
	X(TS_EMPTY, "it has a TS payload with no traffic selector") \
	X(TS_TOO_MANY, "it has more traffic selectors than any message needs") \
	X(TS_RANGE, "a traffic selector ends before it begins") \
	X(CP_MALFORMED, "its configuration payload is malformed") \
	X(EAP_MALFORMED, "its EAP payload is malformed") \
	X(FRAGMENT_MALFORMED, "the number of its fragment is 0 or above the total")

#define WIRE_REASON_ENUMERATOR(name, sentence) WIRE_REASON_##name,

enum wire_reason {
	WIRE_REASON_LIST(WIRE_REASON_ENUMERATOR)
	WIRE_REASONS
};

const char *wire_reason_name(enum wire_reason reason);
const char *wire_reason_sentence(enum wire_reason reason);

#endif /* WIRE_REASON_H */
