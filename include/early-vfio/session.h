/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a command: its root, the texts it works from, and the storage for rules, facts
 * and plan. Both programs use it; only the texts differ.
 */
#ifndef EARLY_VFIO_SESSION_H
#define EARLY_VFIO_SESSION_H

#include <early-vfio/apply.h>
#include <early-vfio/report.h>
#include <early-vfio/scan.h>

#define NO_PCI_BUS "no PCI bus; is /sys mounted?"

/* Exit codes of both programs. */
enum exit_code {
	EXIT_AS_WANTED,
	EXIT_NOT_AS_WANTED,
	EXIT_USAGE,
	EXIT_ENVIRONMENT,
	EXIT_SHELL /* of run: not as wanted, and a shell is wanted then */
};

/* What is kept of a boot, in the booted system too. */
#define RUN_DIR "/run/early-vfio"
/* There since an event took a device, until heal has looked. */
#define LATE RUN_DIR "/late"

/* In the order of the words that binder/cmd/options.c knows them by. */
enum option_flag {
	OPTION_JSON = 1,
	OPTION_PROMETHEUS = 2,
	OPTION_ALL = 4,
	OPTION_HELP = 8,
	OPTION_EVENT = 16
};

struct options {
	const char *sysroot; /* "/" where it is not given */
	unsigned flags;	     /* enum option_flag */
	size_t operand_count;
	char **operands; /* NULL-terminated, in argv's own storage */
};

struct session {
	struct kernel_io kernel;
	struct options options;
	struct ruleset *set;
	struct inventory *inv;
	struct plan *plan;
	/* Sets config and image; session_read_files where the program sets no other. */
	void (*read_texts)(struct session *session);
	/* report_prometheus, where the program has it: nobody scrapes an initramfs. */
	void (*print_metrics)(const struct report *report, struct out *out);
	struct span cmdline, config, image;  /* the texts */
	struct span config_name, image_name; /* for origins */
	struct span release;		     /* of the kernel; empty: unknown */
};

/*
 * Sort options from operands; options may stand anywhere before `--`.
 * Return: false where *offender is no option, or lacks its directory.
 */
bool options_read(char **argv, struct options *options, const char **offender);

/* Open the root and read the kernel command line. EXIT_AS_WANTED, or the exit code. */
int session_open(struct session *session);
/* Read config and image below the root, as the binder does. */
void session_read_files(struct session *session);
/* Rules from the texts; of the command line alone under early-vfio.mode=off. */
void session_read_rules(struct session *session);
/* Rules from operands alone, for bind and release. False: one is faulty. */
bool session_read_operands(struct session *session, bool is_keep);
/* Scan and plan until no fact is missing. EXIT_AS_WANTED, or the exit code. */
int session_plan(struct session *session);

/* Carry the plan out. */
void session_apply(struct session *session);
/* Print the report as the options say. Return: the exit code. */
int session_print(const struct session *session, enum report_kind kind);

struct report session_report(const struct session *session, enum report_kind kind);

/* One line of the kernel's log; to stderr where there is no /dev/kmsg. */
void log_line(enum level level, struct span text);
/* The lines of a report, but for the stages that the cursor is to skip. */
void log_report(const struct report *report, unsigned skips);

/* Commands: return the exit code. */
int command_plan(struct session *session);
int command_status(struct session *session);
int command_bind(struct session *session);
int command_release(struct session *session);

enum { NEEDS_OPERANDS = 1, READS_ONLY = 2 };

struct command {
	int (*run)(struct session *session);
	unsigned flags;
};

/*
 * Run the command that *argv names, with the options and operands behind it.
 *
 * @names: a table of keywords
 * @commands: what is behind each of them
 * @session: as the program prepared it
 * @usage: what --help prints
 *
 * Return: the exit code; EXIT_USAGE, and it was said, where there is no such command.
 */
int command_dispatch(const char *names, const struct command *commands,
		     struct session *session, char **argv, const char *usage);
/* Print a text. Return: the exit code. */
int print_text(const char *text);

/* "early-vfio: WHAT: WHY" on stderr. */
void complain(const char *what, const char *why);
/* A writer to a file; all of them share one buffer, so that one is flushed before the next. */
struct out fd_out(int fd);
/* Flush standard output. Return: exit_code, or EXIT_ENVIRONMENT where not all could be written. */
int stdout_close(struct out *out, int exit_code);

#endif
