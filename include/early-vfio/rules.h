/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked for: rules, settings and the generated facts of the image, each with its
 * origin. Filled by the command line, the config and the image parser; knows nothing of the
 * devices that are there. All text in it points into the buffers that were parsed.
 */
#ifndef EARLY_VFIO_RULES_H
#define EARLY_VFIO_RULES_H

#include <early-vfio/spec.h>

#define RULES_MAX 1024
#define RULE_NOTES_MAX 256
#define MODULES_MAX 32
#define PROTECTS_MAX 128
#define ALIASES_MAX 64

enum rule_source { SOURCE_CMDLINE, SOURCE_CONFIG, SOURCE_COUNT }; /* strongest first */

enum mode { MODE_BIND, MODE_PLAN, MODE_OFF };

enum unbound { UNBOUND_AS_BEFORE, UNBOUND_ISOLATE, UNBOUND_RESTORE };

enum rule_state {
	RULE_OK,
	RULE_MISSING,
	RULE_DEFERRED,
	RULE_REFUSED,
	RULE_FAULTY,
};

struct rule_result {
	uint8_t state;	      /* enum rule_state */
	bool is_resolved;     /* `at` is known */
	struct bdf at;	      /* where WHERE points, paths resolved */
	struct bdf elsewhere; /* of a failed guard or a missing device: where WHAT is now */
	uint32_t elsewhere_count; /* 0: it is nowhere */
	uint32_t match_count;	  /* devices that the specification itself names */
	uint32_t bind_count;	  /* targets by this rule, what it reaches included */
	uint32_t refuse_count;	  /* refused, protected or skipped by this rule */
};

/* What the plan asks for at every device stands first: nearer is shorter. */
struct rule {
	struct spec spec;
	struct rule_result result; /* of the plan */
	uint8_t source;		   /* enum rule_source */
	bool is_keep;
	bool is_ids;	  /* from vfio-pci's own ids= */
	bool is_optional; /* no complaint where it is missing */
	bool is_auto;	  /* driver=auto */
	bool is_void;	  /* of another profile: read for its faults alone */
	bool is_faulty;	  /* spec is not valid; `diag` says why */
	bool is_refused; /* left out when the image was made; `driver` holds the reason text */
	struct span text;   /* as written */
	struct span driver; /* empty: vfio-pci */
	struct origin origin;
	struct diag diag;
};

struct rule_note {
	struct origin origin;
	struct diag diag;
};

struct settings {
	enum mode mode;
	bool ignore_config;    /* early-vfio.config=off */
	bool is_debug;	       /* early-vfio.log=debug, set log debug */
	bool has_cmdline_log;  /* early-vfio.log= was given: `set log` does not count */
	bool shell_on_failure; /* early-vfio.on-failure=shell */
	struct span profile;   /* early-vfio.profile=; empty: none */
	uint32_t timeout_s;    /* 1 to 600; one device may take that long */
	uint32_t root_wait_s;  /* 0 to 3600 */
	enum unbound unbound;
};

#define SETTINGS_DEFAULT ((struct settings){ .timeout_s = 10, .root_wait_s = 10 })

struct module_line {
	struct span path; /* without .xz, .zst, .gz */
	struct span options;
	bool is_optional; /* for a softdep: where it fails the boot goes on without it */
};

struct protect {
	struct bdf bdf;
	uint32_t vendor, device;
	struct span reason;
};

struct driver_alias {
	struct span pattern; /* vfio_pci:v000015B3d0000101E… */
	struct span driver;
};

struct ruleset {
	struct settings settings;
	bool has_cmdline_ids; /* vfio-pci.ids= on the command line: those of the config do not count */
	bool has_config_ids; /* `ids` in a config */
	size_t rule_count, note_count, module_count, protect_count, alias_count;
	size_t notes_dropped;
	struct span kernel;	 /* of the image; empty: unknown */
	struct span unprotected; /* why the image protects nothing; empty: it does */
	struct rule rules[RULES_MAX];
	struct rule_note notes[RULE_NOTES_MAX];
	struct module_line modules[MODULES_MAX];
	struct protect protects[PROTECTS_MAX];
	struct driver_alias aliases[ALIASES_MAX];
};

#define for_all_rules(rule, set)                                                       \
	for (struct rule *rule = (set)->rules, *rule##_end = rule + (set)->rule_count; \
	     rule < rule##_end; rule++)

/* Empty, with default settings; touches none of the arrays. */
void ruleset_init(struct ruleset *set);

/* Append a note; dropped ones are counted. */
void ruleset_note(struct ruleset *set, const struct origin *origin,
		  const struct diag *diag);

/* Has it a note of this code? For what is to be said only once. */
bool ruleset_has_note(const struct ruleset *set, enum diag_code code);

/* Append a rule with what is in *rule; a note where there is no room. */
void ruleset_add(struct ruleset *set, const struct rule *rule);

/*
 * Read a comma-separated list of specifications and add a rule for each.
 *
 * @list: the list
 * @base: offsets of diagnoses count from here
 * @model: what all of them have in common; is_ids: elements of vfio-pci's ids=
 * @set: gets the rules, faulty ones too, and notes
 */
void list_read(struct span list, const char *base, const struct rule *model,
	       struct ruleset *set);

/* Its first element is a specification, or there is nothing in it but commas. */
bool looks_like_list(struct span text);
/* Differs by case, by `-` for `_`, by one character or by two that changed places. */
bool word_is_near(struct span word, struct span meant);

/*
 * Read the kernel command line: rules, settings, notes.
 * First of the three readers, since it decides what the others may do.
 * Source: next_arg() and parse_args() of the kernel (lib/cmdline.c, kernel/params.c).
 */
void cmdline_read(struct span line, struct ruleset *set);

/*
 * Read a config file. `file` is the name for origins until a `from` directive changes it.
 * Faulty lines become faulty rules (or notes) with origin and offset; the rest counts.
 * Rules of another profile, and all of them under early-vfio.config=off, are left out.
 */
void config_read(struct span text, struct span file, struct ruleset *set);

/* Read early-vfio.image: modules, protects, aliases, refused rules. */
void image_read(struct span text, struct span file, struct ruleset *set);

/*
 * Write the options that the command line has for a module, blank-separated, without
 * `ids` for vfio-pci: name=value as modprobe would pass them.
 */
void cmdline_module_options(struct span line, struct span module, struct out *out);

/* One parameter of a command line, as the kernel cuts it. */
struct param {
	struct span whole; /* with its quotes */
	struct span name;
	struct span value; /* without its quotes */
	bool has_value;
	bool is_unterminated; /* a quote was opened and never closed */
};

/* Take the next parameter off *rest. False at the end or at a bare `--`. */
bool cmdline_next(struct span *rest, struct param *param);

/* early-vfio.mode, and no mode that takes anything, as a word anywhere in the raw line. */
bool cmdline_has_kill_switch(struct span line);

/* The name of a module from its path: vfio_pci from /…/vfio-pci.ko; `-` is kept as written. */
struct span module_name(struct span path);

#endif
