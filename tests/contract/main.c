// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of sysfs against the kernel that runs, for a booted guest:
 *
 *   contract ROOT DEVICE TWIN [MODULE]...
 *
 * DEVICE and TWIN are addresses of two functions of one id in two IOMMU groups, which are
 * taken from their drivers and given back; each MODULE is a path as in early-vfio.image, in
 * load order, vfio-pci last, and none where vfio-pci is there already. Prints a line for
 * each assertion and a sum. Exit: 0 all hold, 1 some do not, 2 usage.
 */
#include <unistd.h>

#include "contract.h"

static void say(const char *head, const char *text)
{
	char buf[256];
	struct out out = OUT(buf);

	out_text(&out, head);
	out_text(&out, text);
	out_char(&out, '\n');
	if (write(STDOUT_FILENO, out.buf, out.len) < 0)
		_exit(3);
}

static void told(struct contract *contract, const char *what, bool holds)
{
	(void)contract;
	say(holds ? "ok " : "not ok ", what);
}

static void say_sum(const struct contract *contract)
{
	char buf[64];
	struct out out = OUT(buf);

	out_dec(&out, contract->held);
	out_text(&out, " hold, ");
	out_dec(&out, contract->broken);
	out_text(&out, " do not");
	out_char(&out, '\0');
	say("contract: ", buf);
}

int main(int argc, char **argv)
{
	struct contract contract = { .told = told };
	struct kernel_io kernel;

	if (argc < 4 || argc - 4 > CONTRACT_MODULES ||
	    !bdf_scan(span_of(argv[2]), &contract.device) ||
	    !bdf_scan(span_of(argv[3]), &contract.twin)) {
		say("usage: ", "contract ROOT DEVICE TWIN [MODULE]...");
		return 2;
	}
	if (kernel_io_open(&kernel, argv[1]) < 0) {
		say("not ok ", "the root cannot be opened");
		return 1;
	}
	contract.io = &kernel.io;
	for (int i = 4; i < argc; i++)
		contract.modules[i - 4] = argv[i];
	contract_check(&contract);
	say_sum(&contract);
	return contract.broken == 0 && contract.held > 0 ? 0 : 1;
}
