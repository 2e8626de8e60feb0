// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of an initramfs as they are once the kernel has unpacked it: later ones replace
 * earlier ones, links are followed. Knows nothing of what should be there.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "verify/inside.h"

#define CONTENT_MAX (1u << 20)
#define LINKS_MAX 32

/* All that is compared or read: our own files, orders of scripts, names of releases. */
static bool is_worth_a_look(struct span path)
{
	static const char *const ends[] = { "/ORDER", "config" };

	if (memmem(path.ptr, path.len, "early-vfio", strlen("early-vfio")))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (span_ends(path, ends[i]))
			return true;
	return false;
}

static void see(void *context, const struct member *member)
{
	struct inside *inside = context;
	struct inside_file *file;

	if (inside->count == inside->cap) {
		inside->cap = inside->cap ? 2 * inside->cap : 1024;
		inside->files =
			xrealloc(inside->files, inside->cap * sizeof(*inside->files));
	}
	file = &inside->files[inside->count];
	*file = (struct inside_file){
		.path = xspan(member->path),
		.link = S_ISLNK(member->mode) ? xspan(member->link) : NULL,
		.mode = member->mode,
		.inode = member->inode,
		.segment = member->segment,
		.size = member->size,
		.serial = inside->count++,
	};
	/* The content of hard links stands with one of them, whichever. */
	if (S_ISREG(member->mode) && (member->inode || is_worth_a_look(member->path)))
		file->content = member_read(member, CONTENT_MAX);
}

static int by_path(const void *a, const void *b)
{
	const struct inside_file *one = a, *two = b;
	int order = strcmp(one->path, two->path);

	if (order)
		return order;
	return one->serial < two->serial ? 1 : -1; /* the last comes first */
}

static void file_free(struct inside_file *file)
{
	free(file->path);
	free(file->link);
	free((char *)file->content.ptr);
}

/* What was replaced goes; a directory that comes again changes nothing. */
static void drop_replaced(struct inside *inside)
{
	size_t kept = 0;

	for (size_t i = 0; i < inside->count; i++) {
		if (kept &&
		    strcmp(inside->files[kept - 1].path, inside->files[i].path) == 0)
			file_free(&inside->files[i]);
		else
			inside->files[kept++] = inside->files[i];
	}
	inside->count = kept;
}

static int by_inode(const void *a, const void *b)
{
	const struct inside_file *one = *(struct inside_file *const *)a;
	const struct inside_file *two = *(struct inside_file *const *)b;

	if (one->segment != two->segment)
		return one->segment < two->segment ? -1 : 1;
	if (one->inode != two->inode)
		return one->inode < two->inode ? -1 : 1;
	/* The one with the content comes first. */
	return (one->content.len < two->content.len) -
	       (one->content.len > two->content.len);
}

/* Hard links that are worth a look get a copy of the content that they share. */
static void share_contents(struct inside *inside)
{
	struct inside_file **linked =
		xrealloc(NULL, (inside->count + 1) * sizeof(*linked));
	const struct inside_file *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < inside->count; i++)
		if (inside->files[i].inode && S_ISREG(inside->files[i].mode))
			linked[count++] = &inside->files[i];
	if (count)
		qsort(linked, count, sizeof(*linked), by_inode);
	for (size_t i = 0; i < count; i++) {
		struct inside_file *file = linked[i];

		if (!first || first->segment != file->segment ||
		    first->inode != file->inode)
			first = file;
		else if (!file->content.len && is_worth_a_look(span_of(file->path)))
			file->content = (struct span){ xspan(first->content),
						       first->content.len };
	}
	free(linked);
}

bool inside_read(struct inside *inside, struct span image)
{
	bool is_whole;

	*inside = (struct inside){ 0 };
	is_whole = segments_walk(image, see, inside, &inside->segments);
	share_contents(inside);
	if (inside->count)
		qsort(inside->files, inside->count, sizeof(*inside->files), by_path);
	drop_replaced(inside);
	return is_whole;
}

void inside_free(struct inside *inside)
{
	for (size_t i = 0; i < inside->count; i++)
		file_free(&inside->files[i]);
	free(inside->files);
	*inside = (struct inside){ 0 };
}

static int compare_path(const void *key, const void *file)
{
	return strcmp(key, ((const struct inside_file *)file)->path);
}

static const struct inside_file *find_exactly(const struct inside *inside,
					      const char *path)
{
	if (!inside->count)
		return NULL;
	return bsearch(path, inside->files, inside->count, sizeof(*inside->files),
		       compare_path);
}

/* "a/b", ".." and "." taken in, of DIR/REST; to be freed. */
static char *join(struct span dir, const char *rest)
{
	char *path = xrealloc(NULL, dir.len + strlen(rest) + 2);
	struct span left = span_of(rest), part;
	size_t len = 0;

	if (*rest != '/') {
		memcpy(path, dir.ptr, dir.len);
		len = dir.len;
	}
	while (span_next_field(&left, '/', &part)) {
		if (span_is(part, "..")) {
			while (len && path[--len] != '/')
				;
		} else if (part.len && !span_is(part, ".")) {
			if (len)
				path[len++] = '/';
			memcpy(path + len, part.ptr, part.len);
			len += part.len;
		}
	}
	path[len] = '\0';
	return path;
}

/*
 * Replace the first link on the way.
 * Return: the new path, to be freed; NULL: there is no link in it.
 */
static char *follow(const struct inside *inside, const char *path)
{
	struct span whole = span_of(path);

	for (size_t end = 1; end <= whole.len; end++) {
		const struct inside_file *file;
		struct span head = span_head(whole, end);
		char *name, *next, *target;

		if (end < whole.len && path[end] != '/')
			continue;
		name = xspan(head);
		file = find_exactly(inside, name);
		free(name);
		if (!file || !file->link)
			continue;
		head.len = span_find_last(head, '/') < head.len ?
				   span_find_last(head, '/') :
				   0;
		target = join(head, file->link);
		next = path[end] ? xformat("%s/%s", target, path + end + 1) :
				   xspan(span_of(target));
		free(target);
		return next;
	}
	return NULL;
}

const struct inside_file *inside_find(const struct inside *inside, const char *path)
{
	char *at = xspan(span_of(path)), *next;
	const struct inside_file *file = NULL;

	for (size_t links = 0; links < LINKS_MAX; links++) {
		next = follow(inside, at);
		if (!next) {
			file = find_exactly(inside, at);
			break;
		}
		free(at);
		at = next;
	}
	free(at);
	return file;
}

const struct inside_file *inside_next(const struct inside *inside, const char *middle,
				      const char *suffix, size_t *next)
{
	while (*next < inside->count) {
		const struct inside_file *file = &inside->files[(*next)++];

		if (span_ends(span_of(file->path), suffix) && strstr(file->path, middle))
			return file;
	}
	return NULL;
}
