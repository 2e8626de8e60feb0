/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random schedules: a machine, what is asked for, and what goes wrong, all from one seed;
 * and what must hold of each. Knows nothing of how the binder does it.
 */
#ifndef EARLY_VFIO_TESTS_SOAK_H
#define EARLY_VFIO_TESTS_SOAK_H

#include "bench.h"
#include "dice.h"

/* So many schedules have one machine and one wish; the first of them goes well. */
#define FAMILY 16

#define PLACES_MAX 48
#define SWORN_MAX 16
#define PLANTED_MAX 4

/* What stands at an address. */
struct place {
	struct bdf bdf;
	uint32_t vendor, device, class;
	bool is_bridge;
	int parent;	 /* index; -1: on a root bus */
	int group;	 /* -1: none */
	bool is_absent;	 /* a function that may come later */
	uint32_t brings; /* the domain that its driver brings; 0: none */
};

struct world {
	struct dice dice;
	size_t count;
	struct place places[PLACES_MAX];
	int controller; /* index of the one that brings a domain, or -1 */
	char machine[16384], cmdline[1024], config[4096], image[4096];
	bool is_vfio_whole; /* vfio-pci can come, and takes what it is given */
	bool is_late;	    /* the host's drivers have been loaded already */
	bool has_force;	    /* a specification with +force */
	bool has_noiommu;   /* and so the module's parameter is given */
	/* Never to be touched, by what the texts say. */
	size_t sworn_count;
	struct bdf sworn[SWORN_MAX];
};

/* One thing that goes wrong at one call. */
struct planted {
	unsigned kind;
	struct fake_fault fault;
	char path[96];
};

struct schedule {
	uint64_t seed;
	size_t count;
	struct planted planted[PLANTED_MAX];
};

enum property {
	PROPERTY_ENDS,	   /* within the deadlines, whatever hangs */
	PROPERTY_CHOSEN,   /* only what the plan chose is written to, or loses a driver */
	PROPERTY_ALONE,	   /* a hang costs its device, and no other */
	PROPERTY_HUNG,	   /* what hung is never touched again, in ways that are known */
	PROPERTY_BROUGHT,  /* what goes and comes with a controller is known for it */
	PROPERTY_GUARDED,  /* what is kept or protected keeps its driver */
	PROPERTY_BOUND,	   /* where nothing goes wrong every target is bound */
	PROPERTY_PROMISED, /* what is not bound is as `set unbound` promises */
	PROPERTY_MODULES,  /* where a module cannot be loaded nothing was unbound */
	PROPERTY_TOLD,	   /* the report tells the state, and can be shown and read */
	PROPERTY_AGAIN,	   /* run twice is the same as once */
	PROPERTY_RELEASED, /* release brings the first state back */
	PROPERTY_COUNT
};

/* machine.c and wishes.c: the texts of a world. */
void world_build(struct world *world, uint64_t seed);
void wishes_make(struct world *world);
void out_format(struct out *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* faults.c */
extern const char *const fault_kinds[];
extern const unsigned fault_kind_count;
/* From the calls of a run in which nothing went wrong. */
void schedule_make(struct schedule *schedule, uint64_t seed,
		   const struct fake_call *calls, unsigned count);
void schedule_plant(struct schedule *schedule, struct fake *fake);

/* watch.c: apply_watched of the binder, under a clock that only its own waiting moves. */
struct watched {
	uint32_t elapsed_ms;
	unsigned children;
};
struct watched watched_run(struct bench *bench);

/* The machine at one moment. */
struct snapshot {
	struct {
		int driver;
		char override[64];
		bool is_gone;
		uint32_t choice; /* what the plan says of it, and by which rule */
	} devices[FAKE_DEVICES];
	bool has_framebuffer; /* it is there and bound */
};

struct soak {
	struct bench bench;
	struct world world;
	struct schedule schedule;
	struct snapshot before;
	struct watched watched;
	bool is_clean; /* nothing was planted */
	unsigned long checked[PROPERTY_COUNT];
	/* The first that did not hold; empty: all did. */
	enum property broken;
	char wrong[256];
};

extern const char *const property_names[PROPERTY_COUNT];

/* check.c: of the run that was done last. */
/* The choices are those of the plan that was made last. */
void snapshot_take(struct snapshot *snapshot, const struct bench *bench);
bool expect(struct soak *soak, enum property property, bool holds, const char *what,
	    const struct bdf *where);
void check_run(struct soak *soak);
/* What was bound where nothing went wrong. */
struct bound {
	size_t count;
	struct bdf list[FAKE_DEVICES];
};
void bound_note(struct bound *bound, const struct inventory *inv);
void check_alone(struct soak *soak, const struct bound *clean);
void check_again(struct soak *soak, const struct snapshot *once);
void check_released(struct soak *soak, const struct snapshot *first);

/* schedule.c: build, run, run again, release, and check each. */
void soak_start(struct soak *soak);
/* Return: true where all held. */
bool soak_run(struct soak *soak, uint64_t seed);
unsigned long soak_fired(unsigned kind);

#endif
