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
	"plymouth\0zfs\0zpool\0"
/* Parameters by which an image is told of a root that is on the network. */
#define NETWORK "nfsroot\0netroot\0ip\0"
/* What stands in root= then, in all or up to a colon. */
#define ROOTS "/dev/nfs\0nfs\0nfs4\0nbd\0iscsi\0dhcp\0dhcp6\0"

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

/* For how many seconds the root has been looked for, by the look before (-1: none), and by now. */
struct wait {
	int32_t before_s, now_s;
};

/*
 * As far as is known from looks: a long time between two of them counts for one second, as
 * somebody may have been asked for a passphrase meanwhile.
 */
static struct wait count_seconds(struct io *io, uint32_t limit_s)
{
	char buf[64];
	struct span text = io_text(io, "proc/uptime", buf, sizeof(buf));
	uint32_t now = next_number(&text), last, passed;
	struct wait wait = { .before_s = -1 };
	struct out out;
	int fd;

	text = io_text(io, &STATE[1], buf, sizeof(buf));
	last = now;
	if (text.len) {
		last = next_number(&text);
		wait.before_s = wait.now_s = next_number(&text);
	}
	passed = now - last;
	wait.now_s += passed <= limit_s / 2 ? passed : 1;
	fd = open(STATE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	out = fd_out(fd);
	out_dec(&out, now);
	out_char(&out, ' ');
	out_dec(&out, (uint32_t)wait.now_s);
	out_flush(&out);
	close(fd);
	return wait;
}

static bool has_network_root(struct span cmdline)
{
	struct param param;

	while (cmdline_next(&cmdline, &param))
		if (keyword_find(param.name, NETWORK) >= 0 ||
		    keyword_find(span_head(param.value, span_find(param.value, ':')),
				 ROOTS) >= 0)
			return true;
	return false;
}

/* How long after storage a device of this class is given back, in seconds; -1: never. */
static int delay_of(const struct session *session, const struct device *dev)
{
	switch (dev->class >> 16) {
	case 0x01:
	case 0x08: /* SD and eMMC hosts */
		return 0;
	case 0x0c: /* Fibre Channel */
		return device_is_usb_host(dev) ? STEP_S : 0;
	case 0x02:
		return has_network_root(session->cmdline) ? 2 * STEP_S : -1;
	}
	return -1;
}

/*
 * Each device is given back in one look and no other: one whose unbinding hangs is not touched
 * again, and one that is with its own driver by now is not taken once more. Of all others it is
 * told what they are now, and nothing is done with them. Return: whether it is this look.
 */
static bool weigh(const struct session *session, struct device *dev,
		  const struct wait *wait)
{
	struct verdict *verdict = &dev->verdict;
	int delay_s = delay_of(session, dev);
	int32_t limit_s = (int32_t)session->set->settings.root_wait_s + delay_s;
	/* Without a driver it is our override that keeps the next one off. */
	bool is_ours =
		driver_is_harmless(span_of(driver_name(session->inv, dev->driver)));

	/* What is protected only now, as more is known than at the run, may be ours as well. */
	if (verdict->decision != DECISION_BIND &&
	    !plan_releases(session->inv, session->plan, dev))
		return false;
	if (delay_s < 0 || wait->now_s < limit_s ||
	    (is_ours && wait->before_s >= limit_s)) {
		if (dev->driver == verdict->driver_wanted)
			set_result(dev, RESULT_BOUND);
		else
			set_result(dev, is_ours ? RESULT_FAILED : RESULT_RESTORED);
		return false;
	}
	verdict->decision = DECISION_REFUSE;
	verdict->reason = REASON_NO_ROOT;
	verdict->driver_wanted = DRIVER_NONE;
	if (!is_ours)
		set_result(dev, RESULT_RELEASED);
	return is_ours;
}

int command_heal(struct session *session)
{
	struct look look = { .io = &session->kernel.io };
	bool is_ill = false;
	struct wait wait;

	session_read_rules(session);
	look.io->list(look.io, "proc", see_process, &look);
	if (session->set->settings.mode != MODE_BIND || look.is_prompting)
		return EXIT_AS_WANTED;
	wait = count_seconds(look.io, session->set->settings.root_wait_s);
	if (wait.now_s < (int32_t)session->set->settings.root_wait_s ||
	    session_plan(session))
		return EXIT_AS_WANTED;
	/* What an event took since the last look is due as if it had always been there. */
	if (rmdir(LATE) == 0)
		wait.before_s = -1;
	for_each_device(dev, session->inv)
		is_ill |= weigh(session, dev, &wait);
	return is_ill ? run_finish(session) : EXIT_AS_WANTED;
}
