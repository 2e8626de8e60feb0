// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of the config for what was chosen, and getting them into it. Knows nothing of how it
 * was chosen.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "names.h"
#include "text.h"
#include "write.h"

static char *device_comment(const struct device *dev, struct pci_access *names)
{
	char name[NAME_TEXT_MAX], address[BDF_TEXT_MAX];
	struct out out = { .buf = address, .cap = sizeof(address) - 1 };

	device_name(names, dev, name);
	out_bdf(&out, dev->bdf);
	address[out.len] = '\0';
	return xformat("%s (%s)", name, address);
}

char *choice_line(const struct inventory *inv, struct pci_access *names,
		  const struct choice *choice, const char *remark)
{
	int at = choice->has_device ? inventory_find(inv, choice->at) : -1;
	char text[SPEC_TEXT_MAX], *comment, *line;

	spec_text(&choice->spec, text);
	comment = at < 0 ? xspan(SPAN("")) : device_comment(&inv->devices[at], names);
	line = xformat("bind %s%s%s%s%s", text, *comment || *remark ? "  # " : "",
		       comment, *comment && *remark ? ", " : "", remark);
	free(comment);
	return line;
}

int conf_refuse(int error)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		complain(CONF_NAME,
			 geteuid() ?
				 "not permitted; run it as root" :
				 "not permitted, not even to root; see whether lsattr "
				 "shows it or its directory as immutable");
		break;
	case -ENOTSUP:
		complain(CONF_NAME, "not a regular file; it was left alone");
		break;
	default:
		complain(CONF_NAME, strerror(-error));
	}
	return EXIT_ENVIRONMENT;
}

static int append(struct conf *conf, const struct names *lines)
{
	static char header[] =
		"# see early-vfio.conf(5); after a change, build the image "
		"anew";
	struct names all = { 0 };
	struct span text;
	int rc;

	if (!conf->exists)
		names_add(&all, span_of(header));
	for (size_t i = 0; i < lines->count; i++)
		names_add(&all, span_of(lines->items[i]));
	text = text_append(conf->text, &all);
	rc = conf_replace(conf, text);
	names_free(&all);
	free((char *)text.ptr);
	return rc;
}

int lines_write(const char *root, const struct names *lines)
{
	struct conf conf;
	int rc = conf_open(&conf, root, true);

	if (!rc)
		rc = append(&conf, lines);
	conf_close(&conf);
	return rc ? conf_refuse(rc) : EXIT_AS_WANTED;
}
