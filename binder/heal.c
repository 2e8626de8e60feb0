// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * heal: one look at a boot that cannot find its root device. What we hold and the root may be
 * behind is given back once it has been missing for long enough. Knows nothing of what the
 * root device is: whoever calls this has not found it.
 */
#include <fcntl.h>
#include <unistd.h>

#include "binder.h"

#define STATE RUN_DIR "/heal"
/* So much later than storage, USB is given back, and the same again later a network root's NIC. */
#define STEP_S 5

/* Processes that wait for a passphrase, or are busy with one. */
#define PROMPTS                                                   \
	"askpass\0cryptsetup\0systemd-cryptse\0systemd-ask-pas\0" \
	"systemd-tty-ask\0plymouth\0zfs\0zpool\0"
/* Parameters by which an image is told of a root that is on the network. */
#define NETWORK "nfsroot\0netroot\0ip\0"

struct look {
	struct io *io;
	bool is_prompting;
};

static uint32_t next_number(struct span *text)
{
	struct span word = { NULL, 0 };
	uint32_t number = 0;

	span_next_word(text, &word);
	dec_scan(span_head(word, span_find(word, '.')), INT32_MAX, &number);
	return number;
}

static void see_process(void *context, struct span name)
{
	struct look *look = context;
	struct path path;
	char buf[32];

	path_of(&path, "proc/", name, "/comm");
	if (name.ptr[0] <= '9' &&
	    keyword_find(span_trim(io_text(look->io, path.text, buf, sizeof(buf))),
			 PROMPTS) >= 0)
		look->is_prompting = true;
}

/*
 * For how many seconds the root has been looked for, as far as is known from looks: a long
 * time between two of them counts for one, as somebody may have been asked for a passphrase
 * meanwhile.
 */
static uint32_t count_seconds(struct io *io, uint32_t limit_s)
{
	char buf[64];
	struct span text = io_text(io, "proc/uptime", buf, sizeof(buf));
	uint32_t now = next_number(&text), last, waited, passed;
	struct out out;
	int fd;

	text = io_text(io, &STATE[1], buf, sizeof(buf));
	last = text.len ? next_number(&text) : now;
	waited = next_number(&text);
	passed = now - last;
	waited += passed <= limit_s / 2 ? passed : 1;
	fd = open(STATE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	out = fd_out(fd);
	out_dec(&out, now);
	out_char(&out, ' ');
	out_dec(&out, waited);
	out_flush(&out);
	close(fd);
	return waited;
}

static bool has_network_root(struct span cmdline)
{
	struct param param;

	while (cmdline_next(&cmdline, &param))
		if (keyword_find(param.name, NETWORK) >= 0 ||
		    span_is(param.value, "/dev/nfs"))
			return true;
	return false;
}

/* How long after storage a device of this class is given back, in seconds; -1: never. */
static int delay_of(const struct session *session, const struct device *dev)
{
	switch (dev->class >> 16) {
	case 0x01:
		return 0;
	case 0x0c:
		return device_is_usb_host(dev) ? STEP_S : -1;
	case 0x02:
		return has_network_root(session->cmdline) ? 2 * STEP_S : -1;
	}
	return -1;
}

static bool is_due(const struct session *session, const struct device *dev,
		   uint32_t waited_s)
{
	const struct verdict *verdict = &dev->verdict;
	int delay_s = delay_of(session, dev);

	return verdict->decision == DECISION_BIND && delay_s >= 0 &&
	       dev->driver == verdict->driver_wanted &&
	       waited_s >= session->set->settings.root_wait_s + (uint32_t)delay_s;
}

int command_heal(struct session *session)
{
	struct look look = { .io = &session->kernel.io };
	bool is_ill = false;
	uint32_t waited_s;

	session_read_rules(session);
	look.io->list(look.io, "proc", see_process, &look);
	if (session->set->settings.mode != MODE_BIND || look.is_prompting)
		return EXIT_AS_WANTED;
	waited_s = count_seconds(look.io, session->set->settings.root_wait_s);
	if (waited_s < session->set->settings.root_wait_s || session_plan(session))
		return EXIT_AS_WANTED;
	for_each_device(dev, session->inv) {
		if (!is_due(session, dev, waited_s))
			continue;
		dev->verdict.decision = DECISION_REFUSE;
		dev->verdict.reason = REASON_NO_ROOT;
		is_ill = true;
	}
	return is_ill ? run_finish(session) : EXIT_AS_WANTED;
}
