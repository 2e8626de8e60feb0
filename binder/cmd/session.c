// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every command does first: open the root, read the texts, make rules of them, scan and
 * plan. Decides nothing about devices.
 */
#include <errno.h>
#include <unistd.h>

#include <early-vfio/session.h>

/* A boot configuration comes before the kernel's own line, and may have 32 KiB. */
#define CMDLINE_SIZE (64 * 1024)
#define CONFIG_SIZE (256 * 1024)
#define IMAGE_SIZE (64 * 1024)

/* Pages that are never used are never touched: what is read is what is resident. */
static char cmdline_buf[CMDLINE_SIZE];
static char config_buf[CONFIG_SIZE];
static char image_buf[IMAGE_SIZE];
static char release_buf[65];
static struct ruleset rules;

static char out_buf[4096];

static int fd_flush(void *context, const char *text, size_t len)
{
	int fd = (int)(intptr_t)context;

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

struct out fd_out(int fd)
{
	struct out out = OUT(out_buf);

	out.flush = fd_flush;
	out.context = (void *)(intptr_t)fd;
	return out;
}

void complain(const char *what, const char *why)
{
	struct out line = fd_out(STDERR_FILENO);

	out_text(&line, "early-vfio: ");
	out_escaped(&line, span_of(what));
	out_text(&line, ": ");
	out_text(&line, why);
	out_char(&line, '\n');
	out_flush(&line);
}

int stdout_close(struct out *out, int exit_code)
{
	out_flush(out);
	if (!out->overflow)
		return exit_code;
	complain("standard output", "not all could be written");
	return EXIT_ENVIRONMENT;
}

/* What does not fit is cut behind the last whole line, and said. */
static struct span read_lines(struct session *session, struct span name, char *buf,
			      size_t cap)
{
	struct io *io = &session->kernel.io;
	/* names are literals with a leading slash; paths of io have none */
	ssize_t len = io->read(io, name.ptr + 1, buf, cap);
	bool is_unreadable = len < 0 && len != -ENOENT;
	struct span text = { buf, len < 0 ? 0 : (size_t)len };

	if (text.len < cap && !is_unreadable)
		return text;
	while (text.len && text.ptr[text.len - 1] != '\n')
		text.len--;
	ruleset_note(session->set, &(struct origin){ .file = name },
		     &(struct diag){ .code = is_unreadable ? DIAG_UNREADABLE :
							     DIAG_TOO_LARGE,
				     .level = LEVEL_ERROR,
				     .offset = (uint32_t)text.len });
	return text;
}

int session_open(struct session *session)
{
	struct io *io = &session->kernel.io;
	struct memory *memory;
	int error = kernel_io_open(&session->kernel, session->options.sysroot);

	memory = memory_shared_alloc();
	if (error || !memory) {
		complain(session->options.sysroot, "cannot be opened");
		return EXIT_ENVIRONMENT;
	}
	session->inv = &memory->inv;
	session->plan = &memory->plan;
	session->set = &rules;
	if (!session->read_texts)
		session->read_texts = session_read_files;
	session->config_name = SPAN("/etc/early-vfio.conf");
	session->image_name = SPAN("/etc/early-vfio.image");
	ruleset_init(session->set);
	inventory_init(session->inv, memory->devices);
	/* Written where an image has more than the kernel was told, and then holds both. */
	session->cmdline = span_trim(
		io_text(io, "run/early-vfio/cmdline", cmdline_buf, sizeof(cmdline_buf)));
	if (!session->cmdline.len)
		session->cmdline = span_trim(
			io_text(io, "proc/cmdline", cmdline_buf, sizeof(cmdline_buf)));
	session->release = span_trim(io_text(io, "proc/sys/kernel/osrelease", release_buf,
					     sizeof(release_buf)));
	return EXIT_AS_WANTED;
}

void session_read_files(struct session *session)
{
	session->config =
		read_lines(session, session->config_name, config_buf, sizeof(config_buf));
	session->image =
		read_lines(session, session->image_name, image_buf, sizeof(image_buf));
}

void session_read_rules(struct session *session)
{
	cmdline_read(session->cmdline, session->set);
	/* The kill switch works before anything else is read. */
	if (session->set->settings.mode == MODE_OFF)
		return;
	session->read_texts(session);
	if (!session->set->settings.ignore_config)
		config_read(session->config, session->config_name, session->set);
	image_read(session->image, session->image_name, session->set);
}

bool session_read_operands(struct session *session, bool is_keep)
{
	const struct rule model = {
		.origin = { .file = SPAN("argument") },
		.source = SOURCE_CMDLINE,
		.is_keep = is_keep,
	};
	struct ruleset *set = session->set;
	bool is_valid = true;
	size_t notes;

	/* Of the config only the settings count. */
	session->read_texts(session);
	notes = set->note_count;
	config_read(session->config, session->config_name, set);
	set->rule_count = 0;
	set->note_count = notes;
	for (char **next = session->options.operands; *next; next++)
		list_read(span_of(*next), *next, &model, set);
	for_all_rules(rule, set) is_valid &= !rule->is_faulty;
	/* Modules and protected devices hold for arguments too. */
	image_read(session->image, session->image_name, set);
	return is_valid;
}

int session_plan(struct session *session)
{
	while (!plan_build(session->set, session->inv,
			   session->options.flags & OPTION_ALL, session->plan)) {
		int error = inventory_fill(session->inv, &session->kernel.io,
					   session->cmdline);

		if (!error)
			continue;
		complain("/sys", NO_PCI_BUS);
		return EXIT_ENVIRONMENT;
	}
	return EXIT_AS_WANTED;
}

void session_apply(struct session *session)
{
	apply_watched(&(struct apply){
		.io = &session->kernel.io,
		.set = session->set,
		.inv = session->inv,
		.plan = session->plan,
		.cmdline = session->cmdline,
	});
}

struct report session_report(const struct session *session, enum report_kind kind)
{
	return (struct report){
		.set = session->set,
		.inv = session->inv,
		.plan = session->plan,
		.kernel = session->release,
		.kind = kind,
		.all = session->options.flags & OPTION_ALL,
	};
}
