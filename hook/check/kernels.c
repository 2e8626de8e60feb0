// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernels that are installed, and where each one's image is. Knows nothing of what an
 * image must hold.
 */
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "kernels.h"

/* Before and behind the version. */
struct place {
	const char *before, *behind;
};

#define END                \
	{                  \
		NULL, NULL \
	}

static const struct place kernel_files[] = {
	{ "/boot/vmlinuz-", "" },
	{ "/boot/vmlinux-", "" },
	{ "/boot/kernel-", "" },
	{ "/boot/Image-", "" },
	{ "/lib/modules/", "/vmlinuz" },
	{ "/usr/lib/modules/", "/vmlinuz" },
	{ "/lib/modules/", "/vmlinux" },
	{ "/usr/lib/modules/", "/vmlinux" },
	END,
};

static const struct place image_files[] = {
	{ "/boot/initrd.img-", "" },
	{ "/boot/initramfs-", ".img" },
	{ "/boot/initrd-", "" },
	{ "/boot/initrd-", ".img" },
	END,
};

static bool has(struct io *io, const char *path)
{
	return io->exists(io, path + 1) == 0;
}

/* The first that is there, from malloc; NULL: none. */
static char *find_file(struct io *io, const struct place *places, const char *version)
{
	for (; places->before; places++) {
		char *path = xformat("%s%s%s", places->before, version, places->behind);

		if (has(io, path))
			return path;
		free(path);
	}
	return NULL;
}

/* Where the boot partition may be mounted. */
static const char *const boot_dirs[] = { "/boot", "/efi", "/boot/efi" };

#define BOOT_DIRS (sizeof(boot_dirs) / sizeof(boot_dirs[0]))

/* kernel-install's layout: TOKEN/VERSION/, with the image of any name that starts so. */
static char *find_in_token(struct io *io, const char *dir, const char *token,
			   const char *version)
{
	char *place = xformat("%s/%s/%s", dir, token, version), *found = NULL;
	struct names names;

	names_read(io, place + 1, &names);
	for (size_t i = 0; i < names.count && !found; i++)
		if (span_starts(span_of(names.items[i]), "initr"))
			found = xformat("%s/%s", place, names.items[i]);
	names_free(&names);
	free(place);
	return found;
}

static char *find_by_token(struct io *io, const char *version)
{
	char token[64] = "", *found = NULL;

	if (file_word(io, "etc/kernel/entry-token", token, sizeof(token)) &&
	    file_word(io, "etc/machine-id", token, sizeof(token)))
		return NULL;
	for (size_t i = 0; i < BOOT_DIRS && *token && !found; i++)
		found = find_in_token(io, boot_dirs[i], token, version);
	return found;
}

/* A distribution of one kernel a package names its files by that. */
static char *find_by_package(struct io *io, const char *modules)
{
	char *path = xformat("%s/pkgbase", modules), name[128], *found = NULL;

	if (file_word(io, path + 1, name, sizeof(name)) == 0 && *name)
		found = find_file(io, image_files, name);
	free(path);
	return found;
}

static char *find_unified_in(struct io *io, const char *boot, const char *version)
{
	char *dir = xformat("%s/EFI/Linux", boot), *found = NULL;
	struct names names;

	names_read(io, dir + 1, &names);
	for (size_t i = 0; i < names.count && !found; i++)
		if (span_ends(span_of(names.items[i]), ".efi") &&
		    strstr(names.items[i], version))
			found = xformat("%s/%s", dir, names.items[i]);
	names_free(&names);
	free(dir);
	return found;
}

static void find_image(struct installed_kernel *kernel, struct io *io)
{
	kernel->image = find_file(io, image_files, kernel->version);
	if (!kernel->image)
		kernel->image = find_by_token(io, kernel->version);
	if (!kernel->image)
		kernel->image = find_by_package(io, kernel->modules);
	for (size_t i = 0; i < BOOT_DIRS && !kernel->image; i++) {
		kernel->image = find_unified_in(io, boot_dirs[i], kernel->version);
		kernel->is_unified = kernel->image != NULL;
	}
}

static void kernel_add(struct kernels *kernels, struct io *io, const char *dir,
		       const char *version)
{
	struct installed_kernel *kernel;
	char *index;

	kernels->items =
		xrealloc(kernels->items, (kernels->count + 1) * sizeof(*kernels->items));
	kernel = &kernels->items[kernels->count++];
	*kernel = (struct installed_kernel){
		.version = xspan(span_of(version)),
		.modules = xformat("%s/%s", dir, version),
		.file = find_file(io, kernel_files, version),
	};
	index = xformat("%s/modules.dep.bin", kernel->modules);
	kernel->has_index = has(io, index);
	free(index);
	find_image(kernel, io);
}

/* One of the two is a link to the other on most systems. */
void kernels_find(struct kernels *kernels, struct io *io)
{
	static const char *const dirs[] = { "/lib/modules", "/usr/lib/modules" };

	*kernels = (struct kernels){ 0 };
	for (size_t d = 0; d < 2 && !kernels->count; d++) {
		struct names names;

		names_read(io, dirs[d] + 1, &names);
		for (size_t i = 0; i < names.count; i++)
			if (names.items[i][0] >= '0' && names.items[i][0] <= '9')
				kernel_add(kernels, io, dirs[d], names.items[i]);
		names_free(&names);
	}
}

void kernels_free(struct kernels *kernels)
{
	for (size_t i = 0; i < kernels->count; i++) {
		free(kernels->items[i].version);
		free(kernels->items[i].modules);
		free(kernels->items[i].file);
		free(kernels->items[i].image);
	}
	free(kernels->items);
	*kernels = (struct kernels){ 0 };
}

bool kernel_is_bootable(const struct installed_kernel *kernel)
{
	return kernel->file || kernel->image;
}

char *kernel_rebuild(const struct installed_kernel *kernel, struct io *io)
{
	const char *version = kernel->version;

	if (has(io, "/usr/sbin/update-initramfs"))
		return xformat("run update-initramfs -%c -k %s",
			       kernel->image ? 'u' : 'c', version);
	if (has(io, "/usr/bin/mkinitcpio"))
		return xspan(span_of("run mkinitcpio -P"));
	if (has(io, "/usr/bin/dracut") || has(io, "/usr/sbin/dracut"))
		return xformat("run dracut --force --kver %s", version);
	return xformat("build the image of kernel %s anew", version);
}
