// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ids: those of specifications, classes, and those of vfio-pci's own parameter, which the
 * kernel reads in its own way. Must not know addresses.
 */
#include "spec_parse.h"

/* "*", ffffffff or 0xffffffff */
static bool is_any(struct span field)
{
	uint32_t value;

	return span_is(field, "*") ||
	       (hex_scan(without_0x(field), 8, &value) && value == PCI_ANY);
}

static bool parse_hex(struct parse *p, struct span field, unsigned max_digits,
		      uint32_t *value)
{
	struct span digits = without_0x(field);
	uint64_t wide;
	size_t length = hex_read(digits, &wide);

	if (!digits.len)
		return refuse(p, DIAG_BAD_HEX, field);
	if (length < digits.len)
		return refuse_at(p, DIAG_BAD_HEX, field, digits.ptr + length);
	if (digits.len > max_digits)
		return refuse(p, DIAG_HEX_TOO_LONG, field);
	if (digits.len < field.len)
		remark(p, DIAG_HEX_PREFIX, field);
	*value = (uint32_t)wide;
	return true;
}

/* The fields of an id in the order of the grammar. */
enum { VENDOR, DEVICE, SUBVENDOR, SUBDEVICE, CLASS, MASK, ID_FIELDS_MAX };

/*
 * Store the fields. Bits of the class that the mask does not ask for are dropped, so that
 * ids of one meaning are equal.
 */
static bool store_id(struct parse *p, struct span text, const uint32_t *field)
{
	uint32_t class = field[CLASS] & field[MASK];

	for (int i = VENDOR; i <= SUBDEVICE; i++)
		if (field[i] > 0xffff && field[i] != PCI_ANY)
			return refuse(p, DIAG_HEX_TOO_LONG, text);
	if (class > CLASS_ALL)
		return refuse(p, DIAG_HEX_TOO_LONG, text);
	p->spec.has_id = true;
	p->spec.id = (struct id_match){
		field[VENDOR],	  field[DEVICE], field[SUBVENDOR],
		field[SUBDEVICE], class,	 field[MASK] & CLASS_ALL
	};
	if (field[VENDOR] == PCI_ANY && field[DEVICE] == PCI_ANY &&
	    !p->spec.id.class_mask)
		return refuse(p, DIAG_ANY_ANY, text);
	return true;
}

bool parse_id(struct parse *p, struct span text)
{
	uint32_t value[ID_FIELDS_MAX] = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 };
	size_t count = span_count(text, ':') + 1;
	struct span rest = text, field;

	if (count < 2 || count == 3 || count > ID_FIELDS_MAX)
		return refuse(p,
			      span_find(text, ',') < span_find(text, ':') ?
				      DIAG_COMMA_IN_ID :
				      DIAG_ID_FIELDS,
			      text);
	for (size_t i = 0; i < count; i++) {
		if (!span_next_field(&rest, ':', &field))
			field = rest; /* the empty one behind the last colon */
		if (is_any(field) && (i != MASK || field.len > 1))
			value[i] = PCI_ANY;
		else if (!parse_hex(p, field, i < CLASS ? 4 : 6, &value[i]))
			return false;
	}
	if (count == MASK) /* a class without a mask */
		value[MASK] = value[CLASS] == PCI_ANY ? 0 : CLASS_ALL;
	return store_id(p, text, value);
}

bool parse_class(struct parse *p, struct span text)
{
	struct span field = span_skip(text, sizeof("class=") - 1);
	unsigned digits = (unsigned)without_0x(field).len;
	unsigned shift = 24 - 4 * digits;
	uint32_t class;

	if (!parse_hex(p, field, 8, &class))
		return false;
	if (digits != 2 && digits != 4 && digits != 6)
		return refuse(p, DIAG_CLASS_DIGITS, field);
	p->spec.has_id = true;
	p->spec.class_digits = (uint8_t)digits;
	p->spec.id.class = class << shift;
	p->spec.id.class_mask = CLASS_ALL >> shift << shift;
	return true;
}

/* sscanf's %x: blanks, 0x, digits without end; what overflows is lost at the top. */
static bool kernel_hex(struct span *rest, uint32_t *value)
{
	struct span text = span_trim(*rest), digits = without_0x(text);
	uint64_t wide;
	size_t length = hex_read(digits, &wide);

	/* An 0x without digits is a 0 all the same. */
	if (!length && digits.len == text.len)
		return false;
	*value = (uint32_t)wide;
	*rest = span_skip(digits, length);
	return true;
}

/* What stands behind the fields: the kernel ignores it, but an address was no id. */
static bool kernel_rest(struct parse *p, struct span text, struct span rest)
{
	struct diag ignored;
	struct spec spec;

	rest = span_trim(rest);
	if (!rest.len)
		return true;
	if (spec_parse(text, &spec, &ignored) && !spec.has_id)
		return refuse(p, DIAG_ADDRESS_IN_IDS, text);
	remark(p, DIAG_IDS_TRAILING, rest);
	return true;
}

bool spec_parse_kernel_id(struct span text, struct spec *spec, struct diag *diag)
{
	uint32_t value[ID_FIELDS_MAX] = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 };
	struct span rest, next;
	struct parse p;
	size_t count = 0;

	if (!parse_begin(&p, &text, diag))
		return false;
	for (rest = next = text;
	     count < ID_FIELDS_MAX && kernel_hex(&next, &value[count]);) {
		count++;
		rest = next;
		if (!next.len || next.ptr[0] != ':')
			break;
		next = span_skip(next, 1);
	}
	if (count < 2)
		/* A specification says what is wrong with it; the kernel has no star. */
		return parse_id(&p, text) && refuse(&p, DIAG_BAD_HEX, text);
	if (!kernel_rest(&p, text, rest) || !store_id(&p, text, value))
		return false;
	*spec = p.spec;
	return true;
}
