// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is the image of each installed kernel there, right and current? Knows nothing of how an
 * image is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "verify/verify.h"

static const char name[] = "image";

/* What verify has against an image, with its path in front; where nothing, one PASS. */
static void say_verified(struct check *check, const char *image,
			 const struct findings *found)
{
	if (findings_worst(found) == FINDING_PASS)
		finding_add(&check->findings, FINDING_PASS, name, NULL,
			    "%s is current, and takes the devices before udev", image);
	for (size_t i = 0; i < found->count; i++)
		if (found->items[i].level != FINDING_PASS)
			finding_add(&check->findings, found->items[i].level, name,
				    found->items[i].remedy ? found->items[i].remedy :
							     "see early-vfio verify",
				    "%s: %s", image, found->items[i].text);
}

static void verify_image(struct check *check, const struct installed_kernel *kernel)
{
	char *path = xformat("%s%s", check->sysroot, kernel->image);
	struct findings found = { 0 };

	verify_file(&check->session, path, kernel->version, &found);
	say_verified(check, kernel->image, &found);
	findings_free(&found);
	free(path);
}

static void check_image(struct check *check, const struct installed_kernel *kernel)
{
	if (faccessat(check->session.kernel.root, kernel->image + 1, R_OK, AT_EACCESS) &&
	    errno == EACCES)
		finding_add(&check->findings, FINDING_WARN, name, AS_ROOT,
			    "%s can be read by root only, and was not looked at",
			    kernel->image);
	else
		verify_image(check, kernel);
}

static void check_kernel(struct check *check, const struct installed_kernel *kernel)
{
	char *remedy;

	if (kernel->image) {
		check_image(check, kernel);
		return;
	}
	if (!kernel->file)
		return;
	remedy = is_root() ? kernel_rebuild(kernel, check->io) : xspan(span_of(AS_ROOT));
	finding_add(&check->findings, is_root() ? FINDING_FAIL : FINDING_WARN, name,
		    remedy, "kernel %s has no image that could be found",
		    kernel->version);
	free(remedy);
}

/* This boot had the binder from an initrd beside the image, which may then lack it. */
static bool has_extra(const struct check *check)
{
	struct span rest = check->session.cmdline;
	struct param param;

	while (cmdline_next(&rest, &param))
		if (span_is(param.name, "rdinit") &&
		    span_is(param.value, "/early-vfio/binder"))
			return true;
	return false;
}

/* Where the documentation puts it; one file for all kernels. */
static void check_extra(struct check *check)
{
	static const struct installed_kernel extra = { .image = "/boot/early-vfio.cpio" };

	if (is_there(check, extra.image))
		check_image(check, &extra);
	else
		finding_add(
			&check->findings, FINDING_WARN, name,
			"look at its file: early-vfio verify FILE",
			"rdinit= says that this boot had an extra initrd; whether it is "
			"current cannot be seen from here");
}

/* An image that nothing is asked of may be as it is. */
void check_images(struct check *check)
{
	if (!check->has_rules)
		return;
	if (has_extra(check)) {
		check_extra(check);
		return;
	}
	for (size_t i = 0; i < check->kernels.count; i++)
		check_kernel(check, &check->kernels.items[i]);
}
