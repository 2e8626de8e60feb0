/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to say, as values: a code and its arguments. core/words.c alone turns them
 * into words; nothing here knows how or where they are shown.
 */
#ifndef EARLY_VFIO_NOTE_H
#define EARLY_VFIO_NOTE_H

#include <early-vfio/bdf.h>

/* The levels of the kernel's log. */
enum level { LEVEL_ERROR = 3, LEVEL_WARNING = 4, LEVEL_INFO = 6, LEVEL_DEBUG = 7 };

/* What a parser says of a text. The comment names what `text` and `value` hold. */
enum diag_code {
	DIAG_NONE,
	/* accepted: for information */
	DIAG_HEX_PREFIX,	 /* 0x10de was read as 10de */
	DIAG_TWO_DIGIT_FUNCTION, /* 04:00.00 was read as 04:00.0 */
	DIAG_ONE_DIGIT_BUS,	 /* 1:00.0, 1:0.0 */
	DIAG_QUOTES_STRIPPED,	 /* quotes around the value */
	DIAG_TRAILING_COMMA,	 /* an empty element of a list */
	DIAG_DUPLICATE,		 /* the same specification again in one list */
	DIAG_BYTE_ORDER_MARK,	 /* at the start of a config file */
	DIAG_IDS_REPLACED, /* ids= of modprobe.d, replaced by those of the command line */
	/* accepted, and likely a mistake: warnings */
	DIAG_LONE_QUOTE,   /* one lone quote */
	DIAG_IDS_TWICE,	   /* vfio-pci.ids= given more than once: the union is used */
	DIAG_IDS_TRAILING, /* text behind an id that the kernel ignores too */
	/* ignored, and perhaps meant for others: warnings */
	DIAG_STRAY_ID, /* text: a bare word on the command line that looks like the rest of a list */
	DIAG_NEAR_PARAMETER, /* text: the parameter as written; value: what was meant (a literal) */
	DIAG_UNKNOWN_PARAMETER,	 /* text: early-vfio.NAME that nobody knows */
	DIAG_UNTERMINATED_QUOTE, /* on the command line: swallows the rest of the line */
	/* refused: errors, from here on */
	DIAG_BAD_VALUE,	     /* text: the value; of a known parameter or setting */
	DIAG_COMMA_IN_ID,    /* text: 10de,1c82; offered 10de:1c82 */
	DIAG_ADDRESS_IN_IDS, /* text: an address where vfio-pci's ids= wants vendor:device */
	DIAG_NO_FUNCTION,    /* text: 01:00; offered 01:00.0 */
	DIAG_COLON_FUNCTION, /* text: 01:00:0; offered 01:00.0 */
	DIAG_EMPTY,
	DIAG_BAD_CHARACTER, /* text: the byte */
	DIAG_BAD_HEX,	    /* text: the field */
	DIAG_HEX_TOO_LONG,  /* text: the field */
	DIAG_ID_FIELDS,	    /* 1, 3 or more than 6 fields */
	DIAG_ANY_ANY,	    /* "*:*" would take every device */
	DIAG_CLASS_DIGITS,  /* class= takes 2, 4 or 6 digits */
	DIAG_BAD_DOMAIN,    /* 4 to 8 digits */
	DIAG_BAD_BUS,
	DIAG_BAD_DEVICE,   /* 00 to 1f */
	DIAG_BAD_FUNCTION, /* 0 to 7 */
	DIAG_TOO_MANY_HOPS,
	DIAG_BAD_WHERE,	   /* behind "@" */
	DIAG_UNKNOWN_FLAG, /* text: the flag */
	DIAG_DUPLICATE_FLAG,
	DIAG_UNKNOWN_DIRECTIVE, /* text: the word */
	DIAG_UNKNOWN_OPTION,	/* text: the word behind the specification */
	DIAG_MISSING_ARGUMENT,	/* text: the directive */
	DIAG_UNKNOWN_SETTING,	/* text: the name */
	DIAG_TRAILING_TEXT,	/* text: what follows a complete directive */
	DIAG_TOO_MANY_RULES,
	DIAG_TOO_LARGE,	     /* the file is longer than the buffer; read up to offset */
	DIAG_UNREADABLE,     /* the file is there, and no more is known */
	DIAG_BAD_IMAGE_LINE, /* early-vfio.image: text: the line */
	DIAG_COUNT
};

struct diag {
	uint16_t code; /* enum diag_code */
	uint16_t level;
	uint32_t offset;   /* bytes from the start of what was parsed */
	struct span text;  /* what it is about, in the caller's buffer */
	const char *value; /* a literal, where the code says so; else NULL */
};

/* Where a rule or a note comes from. */
struct origin {
	struct span file; /* empty: the kernel command line */
	uint32_t line;	  /* from 1; 0 where there is none */
};

/* "/etc/early-vfio.conf:4" or "cmdline". */
void out_origin(struct out *out, struct origin origin);
/* The diagnosis in words: one line, lower case, with what to do. */
void out_diag(struct out *out, const struct diag *diag);
/* The name of an errno ("EBUSY"), or its number. `error` is positive. */
void out_errno(struct out *out, int error);

#endif
