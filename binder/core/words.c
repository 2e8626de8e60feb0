// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Diagnoses, origins and errors in words, so that one place says each thing.
 * Must not know where the words are shown, nor how a diagnosis came about.
 */
#include <errno.h>

#include "words.h"

/* Longer texts are cut in messages, for the kernel's log takes 900 bytes a line. */
#define SHOWN_MAX 100

/*
 * What follows "TEXT: ". `%` is the text again, `~:` too but with a colon for its comma, `~.`
 * with a dot for its last colon, `$` the value. One literal and not an array: pointers would cost as much as the words.
 */
/* clang-format off */
#define MESSAGES(X) \
	X(HEX_PREFIX, "read without 0x") \
	X(TWO_DIGIT_FUNCTION, "read without leading zeros") \
	X(ONE_DIGIT_BUS, "read with leading zeros") \
	X(QUOTES_STRIPPED, "read without its quotes") \
	X(TRAILING_COMMA, "an empty element") \
	X(DUPLICATE, "given more than once") \
	X(BYTE_ORDER_MARK, "a byte order mark") \
	X(IDS_REPLACED, "replaced by vfio-pci.ids= of the command line") \
	X(LONE_QUOTE, "a lone quote") \
	X(IDS_TWICE, "again: all count; the kernel takes the last") \
	X(IDS_TRAILING, "ignored, as the kernel does; a comma ends an id") \
	X(STRAY_ID, "the rest of a list? write lists without blanks") \
	X(NEAR_PARAMETER, "ignored; write $") \
	X(UNKNOWN_PARAMETER, "no such parameter; see early-vfio(8)") \
	X(UNTERMINATED_QUOTE, "an open quote hides the rest; close it") \
	X(BAD_VALUE, "not valid here; write $") \
	X(COMMA_IN_ID, "a comma between vendor and device; write ~:") \
	X(ADDRESS_IN_IDS, "no VENDOR:DEVICE; write early-vfio.bind=%") \
	X(NO_FUNCTION, "the function is missing; write %.0") \
	X(COLON_FUNCTION, "a colon before the function; write ~.") \
	X(EMPTY, "name a VENDOR:DEVICE or an address") \
	X(BAD_CHARACTER, "has no meaning here; remove it") \
	X(BAD_HEX, "not a hexadecimal number") \
	X(HEX_TOO_LONG, "too many digits: ids have up to 4, classes 6") \
	X(ID_FIELDS, "write VENDOR:DEVICE[:SUBVENDOR:SUBDEVICE[:CLASS[:MASK]]]") \
	X(ANY_ANY, "would take every device; name a vendor or class") \
	X(CLASS_DIGITS, "a class has 2, 4 or 6 digits") \
	X(BAD_DOMAIN, "a domain has 4 to 8 digits") \
	X(BAD_BUS, "a bus is 00 to ff") \
	X(BAD_DEVICE, "a device is 00 to 1f") \
	X(BAD_FUNCTION, "a function is 0 to 7") \
	X(TOO_MANY_HOPS, "a path has at most 8 steps") \
	X(BAD_WHERE, "no address (0000:01:00.0), path or [not-]boot-vga") \
	X(UNKNOWN_FLAG, "no such flag; there are +slot, +group, +force") \
	X(DUPLICATE_FLAG, "given twice") \
	X(UNKNOWN_DIRECTIVE, "no such directive; there are bind, keep, set") \
	X(UNKNOWN_OPTION, "no such option; there are driver=, optional, profile=") \
	X(MISSING_ARGUMENT, "write what for on the same line") \
	X(UNKNOWN_SETTING, "no such setting; there are timeout, root-wait, unbound, log") \
	X(TRAILING_TEXT, "nothing may follow; remove it") \
	X(TOO_MANY_RULES, "too many rules; the rest does not count") \
	X(TOO_LARGE, "too large; the rest does not count") \
	X(UNREADABLE, "cannot be read") \
	X(BAD_IMAGE_LINE, "not understood; rebuild the image")

#define PLACE(code, text) PLACE_##code,
#define IN_ORDER(code, text) \
	_Static_assert((int)PLACE_##code == (int)DIAG_##code, "the order of enum diag_code");
#define WORDS(code, text) text "\0"
enum { PLACE_NONE, MESSAGES(PLACE) PLACE_COUNT };
MESSAGES(IN_ORDER)
_Static_assert((int)PLACE_COUNT == (int)DIAG_COUNT, "each diagnosis has words");
/* clang-format on */

static const char *const messages = "\0" MESSAGES(WORDS);

void out_origin(struct out *out, struct origin origin)
{
	if (!origin.file.len)
		out_text(out, "cmdline");
	out_escaped(out, origin.file);
	if (origin.line) {
		out_char(out, ':');
		out_dec(out, origin.line);
	}
}

static void out_shown(struct out *out, struct span text)
{
	out_escaped(out, span_head(text, SHOWN_MAX));
	if (text.len > SHOWN_MAX)
		out_text(out, "...");
}

/* An id with the colon, or an address with the dot, that it should have had. */
static void out_corrected(struct out *out, struct span text, char right)
{
	size_t wrong = span_find_last(text, right == ':' ? ',' : ':');

	out_shown(out, span_head(text, wrong));
	out_char(out, right);
	out_shown(out, span_skip(text, wrong + 1));
}

void out_diag(struct out *out, const struct diag *diag)
{
	const char *message = nth(messages, diag->code);
	const char *value = diag->value;

	if (diag->text.len) {
		out_shown(out, diag->text);
		out_text(out, ": ");
	}
	for (; *message; message++) {
		if (*message == '%') {
			out_shown(out, diag->text);
		} else if (*message == '~') {
			out_corrected(out, diag->text, *++message);
		} else if (*message == '$') {
			out_text(out, value ? value : "?");
			value = NULL;
		} else {
			out_char(out, *message);
		}
	}
	if (value) {
		out_text(out, "; did you mean ");
		out_text(out, value);
		out_char(out, '?');
	}
}

/* What sysfs writes, module loading and the calls around them can return. */
/* clang-format off */
#define ERRORS(X) \
	X(EPERM) X(ENOENT) X(EIO) X(ENXIO) X(E2BIG) X(ENOEXEC) X(EAGAIN) X(ENOMEM) \
	X(EACCES) X(EBUSY) X(EEXIST) X(ENODEV) X(EINVAL) X(ENOSPC) \
	X(EROFS) X(ENOSYS) X(EOPNOTSUPP) X(ETIMEDOUT) X(EKEYREJECTED)
#define NUMBER(error) error,
#define NAME(error) #error "\0"
/* clang-format on */

static const uint8_t error_numbers[] = { ERRORS(NUMBER) };

void out_errno(struct out *out, int error)
{
	for (unsigned i = 0; i < sizeof(error_numbers); i++) {
		if (error_numbers[i] == error) {
			out_text(out, nth(ERRORS(NAME), i));
			return;
		}
	}
	out_dec(out, (uint32_t)error);
}
