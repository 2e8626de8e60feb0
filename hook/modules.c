// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which module files the image needs, in load order with their options, by libkmod. Knows
 * nothing of rules.
 */
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "modules.h"
#include "unpack.h"

static struct module *find_module(struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (strcmp(modules->items[i].name, name) == 0)
			return &modules->items[i];
	return NULL;
}

static char *plain_path(const char *path)
{
	struct span text = span_of(path);

	for (size_t i = 1; i < MODULE_SUFFIXES; i++)
		if (span_ends(text, module_suffixes[i])) {
			text.len -= strlen(module_suffixes[i]);
			break;
		}
	return xspan(text);
}

/* Of the 1024 bytes that the binder has for these and for those of the command line. */
#define MODULE_OPTIONS_MAX 800

/* A built-in module has no path and needs no line. */
static void append_one(struct modules *modules, const struct kmod_module *mod)
{
	const char *path = kmod_module_get_path(mod);
	const char *name = kmod_module_get_name(mod);
	struct module *module;

	if (!path || find_module(modules, name))
		return;
	if (modules->count == MODULES_MAX) {
		modules->has_overflown = true;
		return;
	}
	module = &modules->items[modules->count++];
	*module = (struct module){
		.name = xspan(span_of(name)),
		.path = plain_path(path + modules->sysroot_len),
		.options = modprobe_options(modules->modprobe, name),
	};
	if (strlen(module->options) > MODULE_OPTIONS_MAX) {
		modules->overlong = module->name;
		*module->options = '\0';
	}
}

/* What the module cannot do without, as modules.dep has it, and then the module itself. */
static void with_needed(struct modules *modules, const struct kmod_module *mod,
			void (*one)(struct modules *modules,
				    const struct kmod_module *mod))
{
	struct kmod_list *deps = kmod_module_get_dependencies(mod), *at;

	kmod_list_foreach(at, deps)
	{
		struct kmod_module *dep = kmod_module_get_module(at);

		one(modules, dep);
		kmod_module_unref(dep);
	}
	kmod_module_unref_list(deps);
	one(modules, mod);
}

/* Modules still to be appended: a stack, so that what is pushed last comes first. */
struct pending_modules {
	struct {
		struct kmod_module *mod;
		bool is_open; /* what it depends on is on the stack, or done */
	} items[64];
	size_t count;
	struct kmod_module *seen[256]; /* ends cycles */
	size_t seen_count;
};

static bool push(struct pending_modules *stack, struct kmod_module *mod)
{
	if (stack->count == sizeof(stack->items) / sizeof(stack->items[0]))
		return false;
	stack->items[stack->count].mod = kmod_module_ref(mod);
	stack->items[stack->count++].is_open = false;
	return true;
}

static bool see(struct pending_modules *stack, struct kmod_module *mod)
{
	for (size_t i = 0; i < stack->seen_count; i++)
		if (stack->seen[i] == mod)
			return false;
	if (stack->seen_count == sizeof(stack->seen) / sizeof(stack->seen[0]))
		return false;
	stack->seen[stack->seen_count++] = kmod_module_ref(mod);
	return true;
}

/* Pushed from the last to the first, so that they come off in their own order. */
static bool push_list(struct pending_modules *stack, struct kmod_list *list)
{
	bool fits = true;
	struct kmod_list *at;

	for (at = kmod_list_last(list); at; at = kmod_list_prev(list, at)) {
		struct kmod_module *mod = kmod_module_get_module(at);

		fits &= push(stack, mod);
		kmod_module_unref(mod);
	}
	return fits;
}

/* Dependencies first, then what softdeps want before; what they want behind is not ours. */
static bool open_module(struct pending_modules *stack, struct kmod_module *mod)
{
	struct kmod_list *deps, *pre = NULL, *post = NULL;
	bool fits = true;

	if (kmod_module_get_softdeps(mod, &pre, &post) == 0)
		fits &= push_list(stack, pre);
	kmod_module_unref_list(pre);
	kmod_module_unref_list(post);
	deps = kmod_module_get_dependencies(mod);
	fits &= push_list(stack, deps);
	kmod_module_unref_list(deps);
	return fits;
}

static void add_with_all(struct modules *modules, struct kmod_module *mod)
{
	struct pending_modules stack = { 0 };

	push(&stack, mod);
	while (stack.count) {
		size_t top = stack.count - 1;
		struct kmod_module *next = stack.items[top].mod;

		if (!stack.items[top].is_open && see(&stack, next)) {
			stack.items[top].is_open = true;
			if (!open_module(&stack, next))
				modules->has_overflown = true;
			continue;
		}
		/*
		 * Seen while it is open further down: a cycle, which ends here. Whatever softdeps
		 * have made of the order, what is needed comes first.
		 */
		if (stack.items[top].is_open)
			with_needed(modules, next, append_one);
		kmod_module_unref(next);
		stack.count--;
	}
	for (size_t i = 0; i < stack.seen_count; i++)
		kmod_module_unref(stack.seen[i]);
}

static void need_one(struct modules *modules, const struct kmod_module *mod)
{
	struct module *module = find_module(modules, kmod_module_get_name(mod));

	if (module)
		module->is_needed = true;
}

enum module_state modules_add(struct modules *modules, const char *name)
{
	enum module_state state = MODULE_MISSING;
	struct kmod_list *found = NULL, *at;

	if (kmod_module_new_from_lookup(modules->modprobe->ctx, name, &found) < 0)
		return MODULE_MISSING;
	kmod_list_foreach(at, found)
	{
		struct kmod_module *mod = kmod_module_get_module(at);

		if (kmod_module_get_path(mod)) {
			add_with_all(modules, mod);
			with_needed(modules, mod, need_one);
			state = MODULE_ADDED;
		} else if (state == MODULE_MISSING &&
			   kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN) {
			state = MODULE_BUILTIN;
		}
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(found);
	return state;
}

void modules_free(struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		free(modules->items[i].name);
		free(modules->items[i].path);
		free(modules->items[i].options);
	}
	for (size_t i = 0; i < modules->variant_count; i++) {
		free(modules->variants[i].pattern);
		free(modules->variants[i].driver);
	}
	modules->count = modules->variant_count = 0;
	modules->overlong = NULL;
}
