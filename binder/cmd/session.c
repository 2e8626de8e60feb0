// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every command does first: open the root, read the texts, make rules of them, scan and
 * plan. Decides nothing about devices.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <early-vfio/session.h>

#define CMDLINE_SIZE (8 * 1024)
#define CONFIG_SIZE (256 * 1024)
#define IMAGE_SIZE (64 * 1024)

/* Pages that are never used are never touched: what is read is what is resident. */
static char cmdline_buf[CMDLINE_SIZE];
static char config_buf[CONFIG_SIZE];
static char image_buf[IMAGE_SIZE];
static char release_buf[sizeof(((struct utsname *)0)->release)];
static struct ruleset rules;

static void write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

void complain(const char *what, const char *why)
{
	char buf[REPORT_LINE_MAX];
	struct out line = OUT(buf);

	out_text(&line, "early-vfio: ");
	out_escaped(&line, span_of(what));
	out_text(&line, ": ");
	out_text(&line, why);
	out_char(&line, '\n');
	write_all(STDERR_FILENO, line.buf, line.len);
}

static char stdout_buf[4096];

static int stdout_flush(void *context, const char *text, size_t len)
{
	(void)context;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

struct out stdout_open(void)
{
	struct out out = OUT(stdout_buf);

	out.flush = stdout_flush;
	return out;
}

int stdout_close(struct out *out, int exit_code)
{
	out_flush(out);
	if (!out->overflow)
		return exit_code;
	complain("standard output", "not all could be written");
	return EXIT_ENVIRONMENT;
}

/* Read a whole file. Its text, empty where it cannot be read (*error then says why). */
static struct span read_text(struct session *session, const char *path, char *buf,
			     size_t cap, int *error)
{
	struct io *io = &session->kernel.io;
	ssize_t len = io->read(io, path, buf, cap);

	*error = len < 0 ? (int)-len : 0;
	return (struct span){ buf, len < 0 ? 0 : (size_t)len };
}

/* What does not fit is cut behind the last whole line, and said. */
static struct span read_lines(struct session *session, struct span name, char *buf,
			      size_t cap)
{
	int error;
	/* names are literals with a leading slash; paths of io have none */
	struct span text = read_text(session, name.ptr + 1, buf, cap, &error);

	if (text.len < cap)
		return text;
	while (text.len && text.ptr[text.len - 1] != '\n')
		text.len--;
	ruleset_note(session->set, (struct origin){ .file = name },
		     (struct diag){ .code = DIAG_TOO_LARGE,
				    .level = LEVEL_ERROR,
				    .offset = (uint32_t)text.len });
	return text;
}

static void read_release(struct session *session)
{
	struct utsname system;
	int error;

	if (span_is(span_of(session->options.sysroot), "/")) {
		struct span release;

		uname(&system);
		release = span_of(system.release);
		memcpy(release_buf, release.ptr, release.len);
		session->release = (struct span){ release_buf, release.len };
		return;
	}
	session->release = span_trim(read_text(session, "proc/sys/kernel/osrelease",
					       release_buf, sizeof(release_buf), &error));
}

/* Zeroed, and shared with the children that are forked from now on. */
static struct memory *memory_alloc(void)
{
	void *memory = mmap(NULL, sizeof(struct memory), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int session_open(struct session *session)
{
	struct memory *memory;
	int error = kernel_io_open(&session->kernel, session->options.sysroot);

	if (error) {
		complain(session->options.sysroot, "cannot be opened");
		return EXIT_ENVIRONMENT;
	}
	memory = memory_alloc();
	if (!memory) {
		complain("memory", "there is not enough");
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
	inventory_init(session->inv);
	session->cmdline = span_trim(read_text(session, "proc/cmdline", cmdline_buf,
					       sizeof(cmdline_buf), &error));
	read_release(session);
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

/* One specification of an operand; faulty ones are said at once, with the offset. */
static bool read_operand(struct session *session, struct span text, size_t offset,
			 bool is_keep)
{
	struct rule rule = {
		.text = text,
		.origin = { .file = SPAN("argument") },
		.source = SOURCE_CMDLINE,
		.is_keep = is_keep,
	};
	char buf[REPORT_LINE_MAX];
	struct out line = OUT(buf);

	if (spec_parse(text, &rule.spec, &rule.diag))
		return ruleset_add(session->set, &rule) != NULL;
	out_text(&line, "at ");
	out_dec(&line, (uint32_t)(offset + rule.diag.offset + 1));
	out_text(&line, ": ");
	out_diag(&line, &rule.diag);
	out_char(&line, '\0');
	complain(text.len ? session->options.operands[0] : "\"\"", buf);
	return false;
}

bool session_read_operands(struct session *session, bool is_keep)
{
	bool is_valid = true;

	for (char **next = session->options.operands; *next; next++) {
		struct span rest = span_of(*next), field;
		const char *start = rest.ptr;

		session->options.operands = next;
		while (span_next_field(&rest, ',', &field))
			is_valid &= read_operand(session, field,
						 (size_t)(field.ptr - start), is_keep);
	}
	/* Modules and protected devices hold for arguments too. */
	session->read_texts(session);
	image_read(session->image, session->image_name, session->set);
	return is_valid;
}

int session_plan(struct session *session)
{
	while (!plan_build(session->set, session->inv, session->options.is_all,
			   session->plan)) {
		int error = inventory_fill(session->inv, &session->kernel.io,
					   session->cmdline);

		if (!error)
			continue;
		complain("sys/bus/pci/devices",
			 "there is no PCI bus in sysfs; is /sys mounted?");
		return EXIT_ENVIRONMENT;
	}
	return EXIT_AS_WANTED;
}

struct report session_report(const struct session *session, enum report_kind kind)
{
	return (struct report){
		.set = session->set,
		.inv = session->inv,
		.plan = session->plan,
		.kernel = session->release,
		.kind = kind,
		.all = session->options.is_all,
	};
}
