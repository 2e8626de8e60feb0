// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Diagnoses, origins and errors in words, so that one place says each thing.
 * Must not know where the words are shown, nor how a diagnosis came about.
 */
#include <errno.h>

#include <early-vfio/note.h>

/* Longer texts are cut in messages, for the kernel's log takes 900 bytes a line. */
#define SHOWN_MAX 100

/*
 * What follows "TEXT: ". `%` is the text again, `~` too but with a colon for its comma, `$`
 * the value.
 */
static const char *const messages[DIAG_COUNT] = {
	[DIAG_HEX_PREFIX] = "read without 0x, which is not needed",
	[DIAG_TWO_DIGIT_FUNCTION] = "read with one digit of function",
	[DIAG_ONE_DIGIT_BUS] = "read with two digits of bus and device",
	[DIAG_QUOTES_STRIPPED] = "read without its quotes",
	[DIAG_LONE_QUOTE] = "read without its lone quote",
	[DIAG_TRAILING_COMMA] = "an empty element; ignored",
	[DIAG_DUPLICATE] = "given more than once; it counts once",
	[DIAG_IDS_TWICE] =
		"ids were given before; all count, where the kernel takes the last",
	[DIAG_IDS_TRAILING] = "ignored behind an id, as the kernel does; remove it",
	[DIAG_BYTE_ORDER_MARK] = "a byte order mark; ignored",
	[DIAG_IDS_REPLACED] =
		"ids of modprobe.d, replaced by vfio-pci.ids= of the command line",
	[DIAG_STRAY_ID] = "looks like the rest of a list; write the list without blanks",
	[DIAG_NEAR_PARAMETER] = "ignored; write $",
	[DIAG_UNKNOWN_PARAMETER] =
		"no such parameter; there are bind, keep, mode, config, profile, log, on-failure",
	[DIAG_BAD_VALUE] = "not a value: $",
	[DIAG_COMMA_IN_ID] = "a comma between vendor and device; write ~",
	[DIAG_ADDRESS_IN_IDS] = "ids= takes VENDOR:DEVICE; write early-vfio.bind=%",
	[DIAG_NO_FUNCTION] = "the function is missing; write %.0",
	[DIAG_UNTERMINATED_QUOTE] =
		"a quote that is never closed hides what follows; close it",
	[DIAG_EMPTY] = "no device is named; write VENDOR:DEVICE or an address",
	[DIAG_BAD_CHARACTER] = "a character that has no meaning here; remove it",
	[DIAG_BAD_HEX] = "not a hexadecimal number",
	[DIAG_HEX_TOO_LONG] = "too many digits; ids have up to 4, classes up to 6",
	[DIAG_ID_FIELDS] =
		"an id is VENDOR:DEVICE, then :SUBVENDOR:SUBDEVICE, then :CLASS, then :MASK",
	[DIAG_ANY_ANY] = "would take every device; name a vendor, a device or a class",
	[DIAG_CLASS_DIGITS] = "a class has 2, 4 or 6 digits",
	[DIAG_BAD_DOMAIN] = "a domain has 4 to 8 hexadecimal digits",
	[DIAG_BAD_BUS] = "a bus is 00 to ff",
	[DIAG_BAD_DEVICE] = "a device is 00 to 1f",
	[DIAG_BAD_FUNCTION] = "a function is 0 to 7",
	[DIAG_TOO_MANY_HOPS] = "a path has at most 8 steps behind its address",
	[DIAG_BAD_WHERE] =
		"not a place; write an address (0000:01:00.0), a path, boot-vga or not-boot-vga",
	[DIAG_UNKNOWN_FLAG] = "no such flag; there are +slot, +group, +force, at the end",
	[DIAG_DUPLICATE_FLAG] = "given twice; once is enough",
	[DIAG_UNKNOWN_DIRECTIVE] = "no such directive; there are bind, keep and set",
	[DIAG_UNKNOWN_OPTION] =
		"no such option; there are driver=, optional and profile=",
	[DIAG_MISSING_ARGUMENT] = "what it is for is missing; write it on the same line",
	[DIAG_UNKNOWN_SETTING] =
		"no such setting; there are timeout, root-wait, unbound, log",
	[DIAG_TRAILING_TEXT] = "nothing may follow here; remove it",
	[DIAG_TOO_MANY_RULES] =
		"one rule too many; this one and those behind it do not count",
	[DIAG_TOO_LARGE] = "too large; what is behind here does not count",
	[DIAG_BAD_IMAGE_LINE] = "not understood; build the image anew",
};

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

/* An id with the colon that it should have had. */
static void out_with_colon(struct out *out, struct span text)
{
	size_t comma = span_find(text, ',');

	out_escaped(out, span_head(text, comma));
	out_char(out, ':');
	out_escaped(out, span_skip(text, comma + 1));
}

void out_diag(struct out *out, const struct diag *diag)
{
	const char *message = diag->code < DIAG_COUNT ? messages[diag->code] : NULL;
	const char *value = diag->value;

	if (diag->text.len) {
		out_shown(out, diag->text);
		out_text(out, ": ");
	}
	for (; message && *message; message++) {
		if (*message == '%') {
			out_shown(out, diag->text);
		} else if (*message == '~') {
			out_with_colon(out, diag->text);
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
static const struct {
	uint8_t number;
	char name[13];
} errors[] = {
/* clang-format off */
#define ERROR(name) { name, #name }
	ERROR(EPERM), ERROR(ENOENT), ERROR(EINTR), ERROR(EIO), ERROR(ENXIO),
	ERROR(E2BIG), ERROR(ENOEXEC), ERROR(EBADF), ERROR(EAGAIN), ERROR(ENOMEM),
	ERROR(EACCES), ERROR(EFAULT), ERROR(EBUSY), ERROR(EEXIST), ERROR(EXDEV),
	ERROR(ENODEV), ERROR(ENOTDIR), ERROR(EISDIR), ERROR(EINVAL), ERROR(EMFILE),
	ERROR(EFBIG), ERROR(ENOSPC), ERROR(EROFS), ERROR(EPIPE), ERROR(ERANGE),
	ERROR(EDEADLK), ERROR(ENAMETOOLONG), ERROR(ENOSYS), ERROR(ELOOP),
	ERROR(EBADMSG), ERROR(EOVERFLOW), ERROR(EOPNOTSUPP), ERROR(ENOBUFS),
	ERROR(ETIMEDOUT), ERROR(ENOKEY), ERROR(EKEYREJECTED),
#undef ERROR
	/* clang-format on */
};

void out_errno(struct out *out, int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].number == error) {
			out_text(out, errors[i].name);
			return;
		}
	}
	if (error < 0)
		out_char(out, '-');
	out_dec(out, error < 0 ? 0u - (uint32_t)error : (uint32_t)error);
}
