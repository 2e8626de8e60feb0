// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stands in for the parts of klibc that its start pulls in and the binder never uses: stdio,
 * and with it malloc. Knows nothing of what the binder does.
 */
#ifdef __KLIBC__
#include <unistd.h>

void __libc_init_stdio(void);
_Noreturn void exit(int status);

void __libc_init_stdio(void)
{
}

/* No handlers are registered and no streams are open: nothing is left to be done. */
void exit(int status)
{
	_exit(status);
}
#endif
