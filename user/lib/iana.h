/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of IKEv2 as IANA registers them, and their names. Each registry
 * is one list here; enumerators and names both come from it.
 */
#ifndef LIB_IANA_H
#define LIB_IANA_H

#include <stdbool.h>
#include <stdint.h>

#define IANA_EXCHANGE_LIST(X, prefix) \
	X(prefix, IKE_SA_INIT, 34) \
	X(prefix, IKE_AUTH, 35) \
	X(prefix, CREATE_CHILD_SA, 36) \
	X(prefix, INFORMATIONAL, 37) \
	X(prefix, IKE_SESSION_RESUME, 38) \
	X(prefix, IKE_INTERMEDIATE, 43) \
	X(prefix, IKE_FOLLOWUP_KE, 44)

#define IANA_PAYLOAD_LIST(X, prefix) \
	X(prefix, NONE, 0) \
	X(prefix, SA, 33) \
	X(prefix, KE, 34) \
	X(prefix, IDI, 35) \
	X(prefix, IDR, 36) \
	X(prefix, CERT, 37) \
	X(prefix, CERTREQ, 38) \
	X(prefix, AUTH, 39) \
	X(prefix, NONCE, 40) \
	X(prefix, NOTIFY, 41) \
	X(prefix, DELETE, 42) \
	X(prefix, VENDOR, 43) \
	X(prefix, TSI, 44) \
	X(prefix, TSR, 45) \
	X(prefix, SK, 46) \
	X(prefix, CP, 47) \
	X(prefix, EAP, 48) \
	X(prefix, SKF, 53)

#define IANA_PROTOCOL_LIST(X, prefix) \
	X(prefix, NONE, 0) \
	X(prefix, IKE, 1) \
	X(prefix, AH, 2) \
	X(prefix, ESP, 3)

#define IANA_TRANSFORM_LIST(X, prefix) \
	X(prefix, ENCR, 1) \
	X(prefix, PRF, 2) \
	X(prefix, INTEG, 3) \
	X(prefix, KE, 4) \
	X(prefix, ESN, 5) \
	X(prefix, ADDKE1, 6) \
	X(prefix, ADDKE2, 7) \
	X(prefix, ADDKE3, 8) \
	X(prefix, ADDKE4, 9) \
	X(prefix, ADDKE5, 10) \
	X(prefix, ADDKE6, 11) \
	X(prefix, ADDKE7, 12)

#define IANA_ENCR_LIST(X, prefix) \
	X(prefix, DES_IV64, 1) \
	X(prefix, DES, 2) \
	X(prefix, 3DES, 3) \
	X(prefix, RC5, 4) \
	X(prefix, IDEA, 5) \
	X(prefix, CAST, 6) \
	X(prefix, BLOWFISH, 7) \
	X(prefix, 3IDEA, 8) \
	X(prefix, DES_IV32, 9) \
	X(prefix, NULL, 11) \
	X(prefix, AES_CBC, 12) \
	X(prefix, AES_CTR, 13) \
	X(prefix, AES_CCM_8, 14) \
	X(prefix, AES_CCM_12, 15) \
	X(prefix, AES_CCM_16, 16) \
	X(prefix, AES_GCM_8, 18) \
	X(prefix, AES_GCM_12, 19) \
	X(prefix, AES_GCM_16, 20) \
	X(prefix, NULL_AUTH_AES_GMAC, 21) \
	X(prefix, CAMELLIA_CBC, 23) \
	X(prefix, CAMELLIA_CTR, 24) \
	X(prefix, CAMELLIA_CCM_8, 25) \
	X(prefix, CAMELLIA_CCM_12, 26) \
	X(prefix, CAMELLIA_CCM_16, 27) \
	X(prefix, CHACHA20_POLY1305, 28) \
	X(prefix, AES_CCM_8_IIV, 29) \
	X(prefix, AES_GCM_16_IIV, 30) \
	X(prefix, CHACHA20_POLY1305_IIV, 31)

#define IANA_PRF_LIST(X, prefix) \
	X(prefix, HMAC_MD5, 1) \
	X(prefix, HMAC_SHA1, 2) \
	X(prefix, HMAC_TIGER, 3) \
	X(prefix, AES128_XCBC, 4) \
	X(prefix, HMAC_SHA2_256, 5) \
	X(prefix, HMAC_SHA2_384, 6) \
	X(prefix, HMAC_SHA2_512, 7) \
	X(prefix, AES128_CMAC, 8)

#define IANA_INTEG_LIST(X, prefix) \
	X(prefix, NONE, 0) \
	X(prefix, HMAC_MD5_96, 1) \
	X(prefix, HMAC_SHA1_96, 2) \
	X(prefix, DES_MAC, 3) \
	X(prefix, KPDK_MD5, 4) \
	X(prefix, AES_XCBC_96, 5) \
	X(prefix, HMAC_MD5_128, 6) \
	X(prefix, HMAC_SHA1_160, 7) \
	X(prefix, AES_CMAC_96, 8) \
	X(prefix, AES_128_GMAC, 9) \
	X(prefix, AES_192_GMAC, 10) \
	X(prefix, AES_256_GMAC, 11) \
	X(prefix, HMAC_SHA2_256_128, 12) \
	X(prefix, HMAC_SHA2_384_192, 13) \
	X(prefix, HMAC_SHA2_512_256, 14)

#define IANA_KE_LIST(X, prefix) \
	X(prefix, NONE, 0) \
	X(prefix, MODP_768, 1) \
	X(prefix, MODP_1024, 2) \
	X(prefix, MODP_1536, 5) \
	X(prefix, MODP_2048, 14) \
	X(prefix, MODP_3072, 15) \
	X(prefix, MODP_4096, 16) \
	X(prefix, MODP_6144, 17) \
	X(prefix, MODP_8192, 18) \
	X(prefix, ECP_256, 19) \
	X(prefix, ECP_384, 20) \
	X(prefix, ECP_521, 21) \
	X(prefix, MODP_1024_160, 22) \
	X(prefix, MODP_2048_224, 23) \
	X(prefix, MODP_2048_256, 24) \
	X(prefix, ECP_192, 25) \
	X(prefix, ECP_224, 26) \
	X(prefix, BRAINPOOL_P224, 27) \
	X(prefix, BRAINPOOL_P256, 28) \
	X(prefix, BRAINPOOL_P384, 29) \
	X(prefix, BRAINPOOL_P512, 30) \
	X(prefix, CURVE25519, 31) \
	X(prefix, CURVE448, 32) \
	X(prefix, ML_KEM_512, 35) \
	X(prefix, ML_KEM_768, 36) \
	X(prefix, ML_KEM_1024, 37)

#define IANA_ESN_LIST(X, prefix) \
	X(prefix, NO_ESN, 0) \
	X(prefix, ESN, 1)

#define IANA_AUTH_LIST(X, prefix) \
	X(prefix, RSA_SIGNATURE, 1) \
	X(prefix, SHARED_KEY_MIC, 2) \
	X(prefix, DSS_SIGNATURE, 3) \
	X(prefix, ECDSA_SHA2_256_P256, 9) \
	X(prefix, ECDSA_SHA2_384_P384, 10) \
	X(prefix, ECDSA_SHA2_512_P521, 11) \
	X(prefix, SECURE_PASSWORD, 12) \
	X(prefix, NULL, 13) \
	X(prefix, DIGITAL_SIGNATURE, 14)

#define IANA_HASH_LIST(X, prefix) \
	X(prefix, SHA1, 1) \
	X(prefix, SHA2_256, 2) \
	X(prefix, SHA2_384, 3) \
	X(prefix, SHA2_512, 4) \
	X(prefix, IDENTITY, 5)

#define IANA_CERT_LIST(X, prefix) \
	X(prefix, PKCS7_WRAPPED_X509, 1) \
	X(prefix, PGP, 2) \
	X(prefix, DNS_SIGNED_KEY, 3) \
	X(prefix, X509_SIGNATURE, 4) \
	X(prefix, KERBEROS_TOKEN, 6) \
	X(prefix, CRL, 7) \
	X(prefix, ARL, 8) \
	X(prefix, SPKI, 9) \
	X(prefix, X509_ATTRIBUTE, 10) \
	X(prefix, RAW_RSA_KEY, 11) \
	X(prefix, HASH_AND_URL_X509, 12) \
	X(prefix, HASH_AND_URL_BUNDLE, 13) \
	X(prefix, OCSP_CONTENT, 14) \
	X(prefix, RAW_PUBLIC_KEY, 15)

#define IANA_ID_LIST(X, prefix) \
	X(prefix, IPV4_ADDR, 1) \
	X(prefix, FQDN, 2) \
	X(prefix, RFC822_ADDR, 3) \
	X(prefix, IPV6_ADDR, 5) \
	X(prefix, DER_ASN1_DN, 9) \
	X(prefix, DER_ASN1_GN, 10) \
	X(prefix, KEY_ID, 11) \
	X(prefix, FC_NAME, 12) \
	X(prefix, NULL, 13)

#define IANA_TS_LIST(X, prefix) \
	X(prefix, IPV4_ADDR_RANGE, 7) \
	X(prefix, IPV6_ADDR_RANGE, 8) \
	X(prefix, FC_ADDR_RANGE, 9) \
	X(prefix, SECLABEL, 10)

#define IANA_NOTIFY_LIST(X, prefix) \
	X(prefix, UNSUPPORTED_CRITICAL_PAYLOAD, 1) \
	X(prefix, INVALID_IKE_SPI, 4) \
	X(prefix, INVALID_MAJOR_VERSION, 5) \
	X(prefix, INVALID_SYNTAX, 7) \
	X(prefix, INVALID_MESSAGE_ID, 9) \
	X(prefix, INVALID_SPI, 11) \
	X(prefix, NO_PROPOSAL_CHOSEN, 14) \
	X(prefix, INVALID_KE_PAYLOAD, 17) \
	X(prefix, AUTHENTICATION_FAILED, 24) \
	X(prefix, SINGLE_PAIR_REQUIRED, 34) \
	X(prefix, NO_ADDITIONAL_SAS, 35) \
	X(prefix, INTERNAL_ADDRESS_FAILURE, 36) \
	X(prefix, FAILED_CP_REQUIRED, 37) \
	X(prefix, TS_UNACCEPTABLE, 38) \
	X(prefix, INVALID_SELECTORS, 39) \
	X(prefix, UNACCEPTABLE_ADDRESSES, 40) \
	X(prefix, UNEXPECTED_NAT_DETECTED, 41) \
	X(prefix, USE_ASSIGNED_HOA, 42) \
	X(prefix, TEMPORARY_FAILURE, 43) \
	X(prefix, CHILD_SA_NOT_FOUND, 44) \
	X(prefix, INVALID_GROUP_ID, 45) \
	X(prefix, AUTHORIZATION_FAILED, 46) \
	X(prefix, STATE_NOT_FOUND, 47) \
	X(prefix, TS_MAX_QUEUE, 48) \
	X(prefix, INITIAL_CONTACT, 16384) \
	X(prefix, SET_WINDOW_SIZE, 16385) \
	X(prefix, ADDITIONAL_TS_POSSIBLE, 16386) \
	X(prefix, IPCOMP_SUPPORTED, 16387) \
	X(prefix, NAT_DETECTION_SOURCE_IP, 16388) \
	X(prefix, NAT_DETECTION_DESTINATION_IP, 16389) \
	X(prefix, COOKIE, 16390) \
	X(prefix, USE_TRANSPORT_MODE, 16391) \
	X(prefix, HTTP_CERT_LOOKUP_SUPPORTED, 16392) \
	X(prefix, REKEY_SA, 16393) \
	X(prefix, ESP_TFC_PADDING_NOT_SUPPORTED, 16394) \
	X(prefix, NON_FIRST_FRAGMENTS_ALSO, 16395) \
	X(prefix, MOBIKE_SUPPORTED, 16396) \
	X(prefix, ADDITIONAL_IP4_ADDRESS, 16397) \
	X(prefix, ADDITIONAL_IP6_ADDRESS, 16398) \
	X(prefix, NO_ADDITIONAL_ADDRESSES, 16399) \
	X(prefix, UPDATE_SA_ADDRESSES, 16400) \
	X(prefix, COOKIE2, 16401) \
	X(prefix, NO_NATS_ALLOWED, 16402) \
	X(prefix, AUTH_LIFETIME, 16403) \
	X(prefix, MULTIPLE_AUTH_SUPPORTED, 16404) \
	X(prefix, ANOTHER_AUTH_FOLLOWS, 16405) \
	X(prefix, REDIRECT_SUPPORTED, 16406) \
	X(prefix, REDIRECT, 16407) \
	X(prefix, REDIRECTED_FROM, 16408) \
	X(prefix, TICKET_LT_OPAQUE, 16409) \
	X(prefix, TICKET_REQUEST, 16410) \
	X(prefix, TICKET_ACK, 16411) \
	X(prefix, TICKET_NACK, 16412) \
	X(prefix, TICKET_OPAQUE, 16413) \
	X(prefix, LINK_ID, 16414) \
	X(prefix, USE_WESP_MODE, 16415) \
	X(prefix, ROHC_SUPPORTED, 16416) \
	X(prefix, EAP_ONLY_AUTHENTICATION, 16417) \
	X(prefix, CHILDLESS_IKEV2_SUPPORTED, 16418) \
	X(prefix, QUICK_CRASH_DETECTION, 16419) \
	X(prefix, IKEV2_MESSAGE_ID_SYNC_SUPPORTED, 16420) \
	X(prefix, IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED, 16421) \
	X(prefix, IKEV2_MESSAGE_ID_SYNC, 16422) \
	X(prefix, IPSEC_REPLAY_COUNTER_SYNC, 16423) \
	X(prefix, SECURE_PASSWORD_METHODS, 16424) \
	X(prefix, PSK_PERSIST, 16425) \
	X(prefix, PSK_CONFIRM, 16426) \
	X(prefix, ERX_SUPPORTED, 16427) \
	X(prefix, IFOM_CAPABILITY, 16428) \
	X(prefix, SENDER_REQUEST_ID, 16429) \
	X(prefix, IKEV2_FRAGMENTATION_SUPPORTED, 16430) \
	X(prefix, SIGNATURE_HASH_ALGORITHMS, 16431) \
	X(prefix, CLONE_IKE_SA_SUPPORTED, 16432) \
	X(prefix, CLONE_IKE_SA, 16433) \
	X(prefix, PUZZLE, 16434) \
	X(prefix, USE_PPK, 16435) \
	X(prefix, PPK_IDENTITY, 16436) \
	X(prefix, NO_PPK_AUTH, 16437) \
	X(prefix, INTERMEDIATE_EXCHANGE_SUPPORTED, 16438) \
	X(prefix, IP4_ALLOWED, 16439) \
	X(prefix, IP6_ALLOWED, 16440) \
	X(prefix, ADDITIONAL_KEY_EXCHANGE, 16441) \
	X(prefix, USE_AGGFRAG, 16442)

/* Notify types below are errors, the others status */
#define IANA_NOTIFY_FIRST_STATUS 16384

#define IANA_ENUMERATOR(prefix, name, number) prefix##name = (number),

enum iana_exchange { IANA_EXCHANGE_LIST(IANA_ENUMERATOR, IANA_EXCHANGE_) };
enum iana_payload { IANA_PAYLOAD_LIST(IANA_ENUMERATOR, IANA_PAYLOAD_) };
enum iana_protocol { IANA_PROTOCOL_LIST(IANA_ENUMERATOR, IANA_PROTOCOL_) };
enum iana_transform { IANA_TRANSFORM_LIST(IANA_ENUMERATOR, IANA_TRANSFORM_) };
enum iana_encr { IANA_ENCR_LIST(IANA_ENUMERATOR, IANA_ENCR_) };
enum iana_prf { IANA_PRF_LIST(IANA_ENUMERATOR, IANA_PRF_) };
enum iana_integ { IANA_INTEG_LIST(IANA_ENUMERATOR, IANA_INTEG_) };
enum iana_ke { IANA_KE_LIST(IANA_ENUMERATOR, IANA_KE_) };
enum iana_esn { IANA_ESN_LIST(IANA_ENUMERATOR, IANA_ESN_) };
enum iana_auth { IANA_AUTH_LIST(IANA_ENUMERATOR, IANA_AUTH_) };
enum iana_hash { IANA_HASH_LIST(IANA_ENUMERATOR, IANA_HASH_) };
enum iana_cert { IANA_CERT_LIST(IANA_ENUMERATOR, IANA_CERT_) };
enum iana_id { IANA_ID_LIST(IANA_ENUMERATOR, IANA_ID_) };
enum iana_ts { IANA_TS_LIST(IANA_ENUMERATOR, IANA_TS_) };
enum iana_notify { IANA_NOTIFY_LIST(IANA_ENUMERATOR, IANA_NOTIFY_) };

/**
 * enum iana_registry - what a number stands for
 * @IANA_EXCHANGE: enum iana_exchange
 * @IANA_PAYLOAD: enum iana_payload
 * @IANA_PROTOCOL: enum iana_protocol
 * @IANA_TRANSFORM: enum iana_transform
 * @IANA_ENCR: enum iana_encr
 * @IANA_PRF: enum iana_prf
 * @IANA_INTEG: enum iana_integ
 * @IANA_KE: enum iana_ke
 * @IANA_ESN: enum iana_esn
 * @IANA_AUTH: enum iana_auth
 * @IANA_HASH: enum iana_hash
 * @IANA_CERT: enum iana_cert
 * @IANA_ID: enum iana_id
 * @IANA_TS: enum iana_ts
 * @IANA_NOTIFY: enum iana_notify
 */
enum iana_registry {
	IANA_EXCHANGE,
	IANA_PAYLOAD,
	IANA_PROTOCOL,
	IANA_TRANSFORM,
	IANA_ENCR,
	IANA_PRF,
	IANA_INTEG,
	IANA_KE,
	IANA_ESN,
	IANA_AUTH,
	IANA_HASH,
	IANA_CERT,
	IANA_ID,
	IANA_TS,
	IANA_NOTIFY,
};

/* Enough for any name, also of a number that has none */
#define IANA_TEXT_SIZE 48

const char *iana_name(enum iana_registry registry, unsigned int number);
const char *iana_text(enum iana_registry registry, unsigned int number,
		      char *text);
bool iana_number(enum iana_registry registry, const char *name,
		 uint16_t *number);

#endif /* LIB_IANA_H */
