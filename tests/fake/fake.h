/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A simulated kernel behind struct io: PCI devices, drivers, modules, IOMMU groups and the
 * firmware's framebuffer, as sysfs shows and moves them. Harsher than the kernel: a write
 * that it does not know, and any touch of a device that hangs, is a violation.
 *
 * A machine is text, one thing a line:
 *
 *   device ADDRESS VVVV:DDDD[:SSSS:SSSS] CLASS [group=N] [boot-vga=0|1] [bridge=BUS]
 *          [header=N] [bar=START-END] [parent=ADDRESS] [no-modalias] [no-secondary]
 *          [brings=DOMAIN]       that is there while the driver vmd has this one
 *   driver NAME [module=NAME] [id=VVVV:DDDD]... [class=CCCCCC]... [drm] [error=ERRNO]
 *   module NAME [needs=NAME,...] [error=ERRNO]       its path: /lib/modules/fake/NAME.ko
 *   vfio modular|builtin [ids=LIST] [error=ERRNO] [refused=ERRNO]
 *                       vfio-pci and all that it needs; its probes fail; its load does
 *   framebuffer NAME DRIVER START-END                a platform device, and what drives it
 *   cpu intel|amd   table DMAR   udev   noiommu   hide-iomem   no-boot-params
 *   file PATH TEXT...
 *
 * Drivers without a module are built in: they bind when the machine is made, in the order
 * of the text.
 */
#ifndef EARLY_VFIO_TESTS_FAKE_H
#define EARLY_VFIO_TESTS_FAKE_H

#include <setjmp.h>

#include <early-vfio/io.h>
#include <early-vfio/spec.h>

#define FAKE_DEVICES 96
#define FAKE_DRIVERS 24
#define FAKE_MODULES 24
#define FAKE_IDS 8
#define FAKE_FAULTS 32
#define FAKE_TRACE 1024
#define FAKE_FILES 8

/* The image of `vfio modular`, for image_read. */
#define FAKE_VFIO_IMAGE                                  \
	"module /lib/modules/fake/irqbypass.ko\n"        \
	"module /lib/modules/fake/vfio.ko\n"             \
	"module /lib/modules/fake/vfio_iommu_type1.ko\n" \
	"module /lib/modules/fake/vfio-pci-core.ko\n"    \
	"module /lib/modules/fake/vfio-pci.ko\n"

struct fake_id_list {
	unsigned count;
	struct id_match ids[FAKE_IDS];
};

struct fake_device {
	struct bdf bdf;
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class;
	int group;    /* -1: none */
	int driver;   /* index; -1: none */
	int parent;   /* index; -1: on the root bus */
	int boot_vga; /* -1: no such file */
	uint8_t header, secondary;
	bool has_modalias, has_secondary;
	uint32_t brings; /* a domain; 0: none */
	int controller;	 /* index of what brings its domain; -1: none */
	uint64_t bar_start, bar_end;
	char override[64];
	bool is_gone;	/* pulled out, or its domain is away */
	bool is_away;	/* gone, and comes back with its domain */
	bool is_stuck;	/* a step hung on it */
	bool is_wedged; /* what hung on it holds its lock: whatever takes it hangs again */
	bool is_unnamed; /* while a driver registered: nobody can know which device it was */
	unsigned lost_count;  /* times that a driver was taken from it */
	unsigned host_count;  /* times that another than a vfio driver was bound to it */
	unsigned write_count; /* writes that were about it */
	unsigned came_count;  /* times that it came with its domain, as new */
};

struct fake_driver {
	char name[32];
	int module; /* index; -1: built in */
	bool is_registered, is_drm;
	unsigned order; /* of registration */
	int error;	/* of every probe */
	struct fake_id_list ids, dynids;
};

struct fake_module {
	char name[32], needs[96];
	char options[192]; /* that it was loaded with */
	bool is_loaded;
	int error;
};

struct fake_framebuffer {
	char name[32], driver[32], override[64];
	bool is_there, is_bound;
	uint64_t start, end;
};

enum fake_op {
	FAKE_READ = 1, /* also lines */
	FAKE_LINK = 2,
	FAKE_LIST = 4,
	FAKE_WRITE = 8,
	FAKE_EXISTS = 16,
	FAKE_LOAD = 32,
	FAKE_PROBE = 64, /* a driver's probe; the path is DRIVER/ADDRESS */
};

enum fake_action {
	FAKE_ERROR,   /* fails with `error`, and does nothing */
	FAKE_HANG,    /* does not come back */
	FAKE_CRASH,   /* the process dies in it */
	FAKE_GONE,    /* the device is pulled out */
	FAKE_EMPTY,   /* reads as nothing */
	FAKE_SHORT,   /* reads as the half of it */
	FAKE_GARBAGE, /* reads as bytes that mean nothing */
	FAKE_IDLE,    /* says that it did, and did nothing */
};

struct fake_fault {
	unsigned ops;	  /* of enum fake_op */
	const char *path; /* a part of it */
	enum fake_action action;
	int error;	/* positive */
	unsigned skip;	/* how often it goes well before */
	unsigned times; /* how often it goes wrong; 0: always */
};

struct fake_call {
	enum fake_op op;
	char path[96], text[80];
};

struct fake {
	struct io io;
	unsigned device_count, driver_count, module_count, file_count, fault_count;
	struct fake_device devices[FAKE_DEVICES];
	struct fake_driver drivers[FAKE_DRIVERS];
	struct fake_module modules[FAKE_MODULES];
	struct fake_framebuffer framebuffer;
	struct {
		char path[64], text[256];
	} files[FAKE_FILES];
	char cpu[16], table[8];
	bool is_registering;
	bool is_of_udev; /* what is done now is done by a process of udev's */
	int bringing;	 /* the controller whose domain comes just now; -1: none */
	bool has_native; /* a host's display driver has replaced the framebuffer */
	bool has_udev, allows_noiommu, hides_iomem;
	bool lacks_boot_params; /* as any machine but x86 */
	uint64_t boot_base; /* of the framebuffer, as the boot loader told the kernel */
	bool allows_locked; /* reading uevent and driver_override is no violation */
	unsigned registered_count;
	struct fake_fault faults[FAKE_FAULTS];
	unsigned fired[FAKE_FAULTS]; /* how often each went wrong */
	/* What was asked of it. */
	unsigned call_count, syscalls, trace_count, hang_count;
	struct fake_call trace[FAKE_TRACE];
	char violation[160]; /* the first; empty: none */
	/* Called before each call is served, in whatever process makes it. */
	void (*on_call)(struct fake *fake, enum fake_op op, const char *path);
	/*
	 * Where a hang goes: to `jump` with 1 where it is set, else it blocks the process. A
	 * crash goes there with 2, and else kills it.
	 */
	bool has_jump;
	jmp_buf jump;
};

/* In memory that is shared with children. Aborts where the text is wrong. */
struct fake *fake_new(const char *text);
void fake_free(struct fake *fake);
/* The same storage as another machine, as new. */
void fake_reset(struct fake *fake, const char *text);
/* Another line of text, later: a driver that is built in is registered at once. */
void fake_add(struct fake *fake, const char *line);

void fake_fault(struct fake *fake, struct fake_fault fault);

/* NULL where there is none at the address. */
struct fake_device *fake_at(struct fake *fake, const char *address);
/* "" where none. */
const char *fake_driver_at(struct fake *fake, const char *address);
const char *fake_override_at(struct fake *fake, const char *address);
/* Calls of an op whose path has `path` in it, and (unless NULL) whose text is `text`. */
unsigned fake_called(const struct fake *fake, enum fake_op op, const char *path,
		     const char *text);
/* The index in the trace of the first such call, or -1. */
int fake_when(const struct fake *fake, enum fake_op op, const char *path);
void fake_forget_calls(struct fake *fake);
/* What hangs, hangs for those who come next and do not know: writing to it, probing it. */
void fake_wedge(struct fake *fake);
/* A platform driver is registered: it takes a framebuffer that is free. */
void fake_register_framebuffer_driver(struct fake *fake, const char *driver);

/* ---- between the files of the fake */

/* Faults and the trace: -errno to fail with, 0 to go on, 1: see *action. */
int fake_enter(struct fake *fake, enum fake_op op, const char *path, struct span text,
	       enum fake_action *action);
void fake_violate(struct fake *fake, const char *what, const char *path);
/* What is under way stops where it is: nobody comes back, or the process dies in it. */
void fake_stop(struct fake *fake, int device, bool is_crash);

int fake_find(const struct fake *fake, struct bdf bdf);
int fake_find_driver(const struct fake *fake, struct span name);
int fake_find_module(const struct fake *fake, struct span name);
/* Split sys/bus/pci/devices/ADDRESS/REST. The index or -1; *rest is set where it is one. */
int fake_split(const struct fake *fake, const char *path, const char **rest);

void fake_attach(struct fake *fake, int device);
void fake_detach(struct fake *fake, int device);
void fake_pull(struct fake *fake, int device);
void fake_register(struct fake *fake, int driver);
int fake_module_load(struct fake *fake, int module, const char *options);
/* As udev does for a device: all modules whose drivers match it. */
void fake_coldplug(struct fake *fake, int device);
/* The same where udev runs, in a process of its own. */
void fake_announce(struct fake *fake, int device);
bool fake_id_fits(const struct fake_device *dev, const struct id_match *id);
bool fake_read_ids(struct fake_id_list *list, struct span text);
void fake_modalias(const struct fake_device *dev, char *buf, size_t size);

ssize_t fake_read(struct io *io, const char *path, char *buf, size_t cap);
int fake_lines(struct io *io, const char *path,
	       bool (*line)(void *context, struct span line), void *context);
ssize_t fake_link(struct io *io, const char *path, char *buf, size_t cap);
int fake_list(struct io *io, const char *path,
	      void (*entry)(void *context, struct span name), void *context);
int fake_exists(struct io *io, const char *path);
int fake_write(struct io *io, const char *path, struct span text);
int fake_load(struct io *io, const char *path, const char *options);

#endif
