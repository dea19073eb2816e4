/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors as values: a function that can fail returns a pointer to an error,
 * NULL when all went well. The error carries the sentence the user is to
 * read: what was wrong, where, and what would be right.
 */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

/**
 * enum error_kind - whose turn it is after an error
 * @ERROR_USAGE: the request makes no sense as it was typed
 * @ERROR_REFUSED: the request makes sense and cannot be carried out
 */
enum error_kind {
	ERROR_USAGE = 1,
	ERROR_REFUSED,
};

/**
 * struct error - why something failed
 * @kind: whether the request or its circumstances are at fault
 * @number: the errno behind it, 0 if there is none
 * @sentence: for the user: no capital at its begin, no full stop at its end
 */
struct error {
	enum error_kind kind;
	int number;
	char *sentence;
};

#define ERROR_MUST_CHECK __attribute__((warn_unused_result))

ERROR_MUST_CHECK __attribute__((format(printf, 1, 2)))
struct error *error_usage(const char *format, ...);

ERROR_MUST_CHECK __attribute__((format(printf, 2, 3)))
struct error *error_refused(int number, const char *format, ...);

ERROR_MUST_CHECK __attribute__((format(printf, 2, 3)))
struct error *error_prefix(struct error *error, const char *format, ...);

ERROR_MUST_CHECK
struct error *error_no_memory(void);

char *error_take_sentence(struct error **error);
void error_free(struct error *error);

#endif /* LIB_ERROR_H */
