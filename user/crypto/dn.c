// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads, writes and compares distinguished names. What is written is printable
 * ASCII whatever a certificate holds, and reads as the same name again.
 */
#include <ctype.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "crypto/dn.h"
#include "crypto/openssl.h"
#include "lib/array.h"

#define VALUE_SIZE_MAX 256
#define LABEL_SIZE_MAX 64

/* What stands for any value in the name that somebody expects */
#define ANY_VALUE "*"

/* The first label of an attribute is the one that is written */
static const struct {
	const char *label;
	int nid;
} labels[] = {
	{ "C", NID_countryName },
	{ "ST", NID_stateOrProvinceName },
	{ "L", NID_localityName },
	{ "O", NID_organizationName },
	{ "OU", NID_organizationalUnitName },
	{ "CN", NID_commonName },
	{ "E", NID_pkcs9_emailAddress },
	{ "emailAddress", NID_pkcs9_emailAddress },
	{ "email", NID_pkcs9_emailAddress },
	{ "DC", NID_domainComponent },
	{ "UID", NID_userId },
	{ "S", NID_surname },
	{ "SN", NID_serialNumber },
	{ "serialNumber", NID_serialNumber },
	{ "G", NID_givenName },
	{ "I", NID_initials },
	{ "T", NID_title },
	{ "D", NID_description },
	{ "N", NID_name },
	{ "dnQualifier", NID_dnQualifier },
	{ "street", NID_streetAddress },
	{ "postalCode", NID_postalCode },
};

/* The kind of an attribute, to be freed with ASN1_OBJECT_free(); or NULL. */
static ASN1_OBJECT *attribute_of(const char *label)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		if (!strcasecmp(labels[i].label, label))
			return OBJ_nid2obj(labels[i].nid);
	}
	/* an OID in digits; OpenSSL's names of attributes are not wanted */
	return OBJ_txt2obj(label, 1);
}

static bool is_hex(const char *text)
{
	return isxdigit((unsigned char)text[0]) &&
	       isxdigit((unsigned char)text[1]);
}

/*
 * Reads a value up to a separator that no backslash precedes. Returns where it
 * ended, NULL if it is too long.
 */
static const char *read_value(const char *text, const char *separators,
			      uint8_t *value, size_t *length)
{
	size_t blanks = 0;
	unsigned int byte;

	*length = 0;
	text += strspn(text, " ");
	while (*text && !strchr(separators, *text)) {
		if (*length == VALUE_SIZE_MAX)
			return NULL;
		blanks = *text == ' ' ? blanks + 1 : 0;
		if (*text == '\\' && is_hex(text + 1)) {
			sscanf(text + 1, "%2x", &byte);
			value[(*length)++] = (uint8_t)byte;
			text += 3;
			continue;
		}
		if (*text == '\\' && text[1])
			text++;
		value[(*length)++] = (uint8_t)*text++;
	}
	*length -= blanks;
	return text;
}

/* Adds one attribute to @name, moves @text behind it. */
static struct error *read_attribute(const char **text, const char *separators,
				    X509_NAME *name, bool join)
{
	char label[LABEL_SIZE_MAX];
	uint8_t value[VALUE_SIZE_MAX];
	size_t length = strcspn(*text, "=,/");
	struct error *error = NULL;
	ASN1_OBJECT *attribute;
	const char *end;
	int type;

	if ((*text)[length] != '=' || !length || length >= sizeof(label))
		return error_usage("'%.40s' is not an attribute of a distinguished name, which looks like CN=west",
				   *text);
	memcpy(label, *text, length);
	label[length] = '\0';
	attribute = attribute_of(label);
	if (!attribute) {
		openssl_forget_errors();
		return error_usage("'%s' is no attribute of a distinguished name that we know",
				   label);
	}
	end = read_value(*text + length + 1, separators, value, &length);
	/* the length of some values is fixed, but not of what stands for any */
	type = length == strlen(ANY_VALUE) && value[0] == ANY_VALUE[0] ?
		       V_ASN1_UTF8STRING : MBSTRING_UTF8;
	if (!end)
		error = error_usage("the value of %s is longer than %d bytes",
				    label, VALUE_SIZE_MAX);
	else if (!length ||
		 !X509_NAME_add_entry_by_OBJ(name, attribute, type, value,
					     (int)length, -1, join ? -1 : 0))
		error = error_usage("the value of %s in a distinguished name is empty, too long, or has characters that do not belong there",
				    label);
	ASN1_OBJECT_free(attribute);
	openssl_forget_errors();
	if (!error)
		*text = end;
	return error;
}

/**
 * crypto_dn_parse - read a distinguished name
 * @text: attributes with commas between, as in C=CA, CN=west, or each with a
 *	slash before it; a backslash protects a comma or slash in a value
 * @der: where to put it in DER
 * @length: where to put the number of bytes
 *
 * Return: NULL, or what is wrong with @text.
 */
struct error *crypto_dn_parse(const char *text,
			      uint8_t der[CRYPTO_DN_SIZE_MAX],
			      size_t *length)
{
	const char *separators = *text == '/' ? "/" : ",+";
	X509_NAME *name = X509_NAME_new();
	struct error *error = NULL;
	bool join = false;
	int size;

	if (!name)
		return error_no_memory();
	if (*text == '/')
		text++;
	do {
		text += strspn(text, " ");
		error = read_attribute(&text, separators, name, join);
		join = *text == '+';
	} while (!error && *text++);
	size = error ? 0 : i2d_X509_NAME(name, NULL);
	if (!error && (size <= 0 || size > CRYPTO_DN_SIZE_MAX))
		error = error_usage("a distinguished name of %d bytes is longer than the %d we take",
				    size, CRYPTO_DN_SIZE_MAX);
	if (!error)
		*length = (size_t)i2d_X509_NAME(name, &der);
	X509_NAME_free(name);
	return error;
}

/* Appends one character; the last ones of a text that is too long are dots. */
static void append(char *text, size_t *used, char character)
{
	if (*used < CRYPTO_DN_TEXT_SIZE - 1)
		text[(*used)++] = character;
	else
		memcpy(text + CRYPTO_DN_TEXT_SIZE - 4, "...", 3);
}

static void append_text(char *text, size_t *used, const char *more)
{
	while (*more)
		append(text, used, *more++);
}

static void append_label(char *text, size_t *used, const ASN1_OBJECT *object)
{
	int nid = OBJ_obj2nid(object);
	char oid[LABEL_SIZE_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(labels) && nid != NID_undef; i++) {
		if (labels[i].nid == nid) {
			append_text(text, used, labels[i].label);
			return;
		}
	}
	OBJ_obj2txt(oid, sizeof(oid), object, 1);
	append_text(text, used, oid);
}

static void append_value(char *text, size_t *used, const ASN1_STRING *string)
{
	unsigned char *utf8;
	int i, length;
	char hex[4];

	length = ASN1_STRING_to_UTF8(&utf8, string);
	if (length < 0) {
		openssl_forget_errors();
		append_text(text, used, "\\?");
		return;
	}
	for (i = 0; i < length; i++) {
		if (!isprint(utf8[i]) || !isascii(utf8[i]) ||
		    (utf8[i] == ' ' && (!i || i == length - 1))) {
			snprintf(hex, sizeof(hex), "\\%02x", utf8[i]);
			append_text(text, used, hex);
			continue;
		}
		if (strchr(",+\"\\<>;='", utf8[i]))
			append(text, used, '\\');
		append(text, used, (char)utf8[i]);
	}
	OPENSSL_free(utf8);
}

static X509_NAME *name_from(const uint8_t *der, size_t length)
{
	const uint8_t *end = der;
	X509_NAME *name = NULL;

	if (length <= CRYPTO_DN_SIZE_MAX)
		name = d2i_X509_NAME(NULL, &end, (long)length);
	if (name && end != der + length) {
		X509_NAME_free(name);
		name = NULL;
	}
	openssl_forget_errors();
	return name;
}

/**
 * crypto_dn_text - write a distinguished name for people
 * @der: the name
 * @length: bytes of it
 * @text: room for CRYPTO_DN_TEXT_SIZE characters
 *
 * Return: @text.
 */
const char *crypto_dn_text(const uint8_t *der, size_t length, char *text)
{
	X509_NAME *name = name_from(der, length);
	int i, set = -1, count = name ? X509_NAME_entry_count(name) : 0;
	const X509_NAME_ENTRY *entry;
	size_t used = 0;

	if (!name)
		append_text(text, &used, "(malformed)");
	for (i = 0; i < count; i++) {
		entry = X509_NAME_get_entry(name, i);
		if (i)
			append_text(text, &used,
				    X509_NAME_ENTRY_set(entry) == set ? "+" :
									", ");
		set = X509_NAME_ENTRY_set(entry);
		append_label(text, &used, X509_NAME_ENTRY_get_object(entry));
		append(text, &used, '=');
		append_value(text, &used, X509_NAME_ENTRY_get_data(entry));
	}
	text[used] = '\0';
	X509_NAME_free(name);
	return text;
}

/* Values are compared as text without regard to case (RFC 5280, 7.1). */
static bool value_matches(const ASN1_STRING *pattern, const ASN1_STRING *value)
{
	unsigned char *a = NULL, *b = NULL;
	int length_a = ASN1_STRING_to_UTF8(&a, pattern);
	int length_b = ASN1_STRING_to_UTF8(&b, value);
	bool matches = false;
	int i;

	if (length_a == (int)strlen(ANY_VALUE) &&
	    !memcmp(a, ANY_VALUE, (size_t)length_a)) {
		matches = true;
	} else if (length_a >= 0 && length_a == length_b) {
		for (i = 0; i < length_a; i++) {
			if (tolower(a[i]) != tolower(b[i]))
				break;
		}
		matches = i == length_a;
	}
	OPENSSL_free(a);
	OPENSSL_free(b);
	openssl_forget_errors();
	return matches;
}

/**
 * crypto_dn_matches - is a name the one that is expected
 * @pattern: what is expected: the value * matches any value
 * @pattern_length: bytes of it
 * @der: the name
 * @length: bytes of it
 *
 * Attributes must be the same ones in the same order.
 *
 * Return: whether it is.
 */
bool crypto_dn_matches(const uint8_t *pattern, size_t pattern_length,
		       const uint8_t *der, size_t length)
{
	X509_NAME *a = name_from(pattern, pattern_length);
	X509_NAME *b = name_from(der, length);
	const X509_NAME_ENTRY *x, *y;
	bool matches;
	int i;

	matches = a && b &&
		  X509_NAME_entry_count(a) == X509_NAME_entry_count(b);
	for (i = 0; matches && i < X509_NAME_entry_count(a); i++) {
		x = X509_NAME_get_entry(a, i);
		y = X509_NAME_get_entry(b, i);
		matches = !OBJ_cmp(X509_NAME_ENTRY_get_object(x),
				   X509_NAME_ENTRY_get_object(y)) &&
			  X509_NAME_ENTRY_set(x) == X509_NAME_ENTRY_set(y) &&
			  value_matches(X509_NAME_ENTRY_get_data(x),
					X509_NAME_ENTRY_get_data(y));
	}
	X509_NAME_free(a);
	X509_NAME_free(b);
	return matches;
}
