// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs encrypt and decrypt for one that doesn't keep up. The packets of an SA come in by
 * one CPU, as a network card cannot look into them, and those of a connection leave by
 * one. As long as that has time to spare, it does everything by itself, which costs least.
 * When it hasn't, it only gathers the packets into jobs; others do the crypto, and the
 * packets go on in the order in which they came (order.c).
 *
 * Who does a job, the scheduler decides: workers aren't bound to CPUs, and stay away from
 * those that were isolated. /sys/devices/virtual/workqueue/espvif-spread/cpumask says where
 * they may run.
 */
#include <linux/jiffies.h>
#include <linux/kernel_stat.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>
#include <linux/sched/cputime.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "counters.h"
#include "crypt.h"
#include "net.h"
#include "order.h"
#include "poll.h"
#include "spread.h"

/* Few enough to have several at work soon, enough to be worth waking somebody */
#define JOB_PACKETS	16
/* SAs whose packets may alternate without making jobs smaller */
#define JOBS_OPEN	4
/* If more wait, who gathers takes part */
#define JOBS_WAITING	4
/* If so many do, nothing more is gathered */
#define JOBS_MOST	128
#define WORKERS		16

/* How long a CPU is watched before it is judged, and an SA stays where it was moved */
#define WINDOW		max(HZ / 20, 1)
#define STAY		(HZ / 2)

/* Of so many packets one is timed: a power of two */
#define TIMED		16

enum spread_mode {
	SPREAD_AUTO,
	SPREAD_ALWAYS,
	SPREAD_NEVER,
};

static const char * const mode_names[] = {
	[SPREAD_AUTO] = "auto",
	[SPREAD_ALWAYS] = "always",
	[SPREAD_NEVER] = "never",
};

/**
 * struct job - packets of an SA for somebody to encrypt or decrypt
 * @turn:	in the order of the SA
 * @entry:	in crew.jobs
 * @sa:		held
 * @deliver:	takes the packets over again
 * @cpu:	that they came by
 * @undone:	how many aren't done yet, and one for who is at it
 * @count:	how many there are
 * @packets:	with what was found out about each; inbound, its device is held
 */
struct job {
	struct espvif_turn turn;
	struct list_head entry;
	struct espvif_sa *sa;
	espvif_spread_deliver deliver;
	int cpu;
	atomic_t undone;
	unsigned int count;
	struct espvif_spread_packet packets[JOB_PACKETS];
};

struct worker {
	struct work_struct work;
	struct crew *crew;
};

/**
 * struct crew - a CPU that has packets, and those who help it
 * @on:		others do the crypto for it
 * @until:	when it is judged again, jiffies
 * @packets:	since it was judged
 * @since:	when that was, jiffies
 * @crypto:	nanoseconds that it has spent on it since
 * @idle:	nanoseconds that it had been idle by then
 * @capacity:	packets in a window in which it had no time left
 * @opened:	how many of @open there are
 * @open:	jobs that may get more packets
 * @napi:	hands these out when all that has arrived is in them
 * @lock:	protects what follows
 * @jobs:	that nobody is at yet
 * @waiting:	how many these are
 * @active:	bits of @workers that are up
 * @workers:	do them
 */
struct crew {
	bool on;
	unsigned long until;
	unsigned int packets;
	unsigned long since;
	u64 crypto;
	u64 idle;
	unsigned int capacity;
	unsigned int opened;
	struct job *open[JOBS_OPEN];
	struct napi_struct napi;
	spinlock_t lock;	/* of what follows */
	struct list_head jobs;
	unsigned int waiting;
	unsigned long active;
	struct worker workers[WORKERS];
};

static enum spread_mode mode;
static struct workqueue_struct *workqueue;
static struct crew __percpu *crews;

static int set_mode(const char *value, const struct kernel_param *param)
{
	int found = sysfs_match_string(mode_names, value);

	if (found < 0)
		return found;
	WRITE_ONCE(mode, found);
	return 0;
}

static int get_mode(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", mode_names[READ_ONCE(mode)]);
}

static const struct kernel_param_ops mode_ops = { .set = set_mode, .get = get_mode };

module_param_cb(spread, &mode_ops, NULL, 0644);
MODULE_PARM_DESC(spread, "may other CPUs encrypt and decrypt for one: auto, always, never");

/* For how long this CPU had nothing to do, in nanoseconds */
static u64 idle_so_far(void)
{
	const u64 *time = kcpustat_this_cpu->cpustat;

	return time[CPUTIME_IDLE] + time[CPUTIME_IOWAIT];
}

static bool should_be_on(struct crew *crew, u64 idle)
{
	unsigned long elapsed = jiffies - crew->since;
	u64 ns = jiffies_to_nsecs(elapsed);

	if (READ_ONCE(mode) != SPREAD_AUTO || num_online_cpus() == 1) {
		/* nobody knows: it has to show itself once this ends */
		crew->capacity = UINT_MAX;
		return READ_ONCE(mode) == SPREAD_ALWAYS && num_online_cpus() > 1;
	}
	/* what lies far back says nothing */
	if (elapsed > 2 * WINDOW)
		return false;
	/* as many packets as it couldn't cope with, or nearly */
	if (crew->on)
		return crew->packets >= crew->capacity - crew->capacity / 4;
	/* hardly any time left, and much of it gone into what others can do */
	crew->capacity = crew->packets;
	return idle - crew->idle <= ns / 16 && crew->crypto >= ns / 4;
}

static void judge(struct crew *crew)
{
	u64 idle = idle_so_far();

	crew->on = should_be_on(crew, idle);
	crew->idle = idle;
	crew->crypto = 0;
	crew->packets = 0;
	crew->since = jiffies;
	crew->until = crew->since + WINDOW;
}

static bool is_inbound(const struct espvif_sa *sa)
{
	return sa->direction == ESPVIF_DIRECTION_IN;
}

static void deliver(struct espvif_turn *turn)
{
	struct job *job = container_of(turn, struct job, turn);
	struct net_device *devices[JOB_PACKETS];
	struct espvif_sa *sa = job->sa;
	unsigned int i, held = is_inbound(sa) ? job->count : 0;

	for (i = 0; i < held; i++)
		devices[i] = job->packets[i].skb->dev;
	job->deliver(sa, job->packets, job->count);
	for (i = 0; i < held; i++)
		dev_put(devices[i]);
	kfree(job);
	espvif_sa_put(sa);
}

/* Packets of a job are done: all of them? */
static void note_done(struct job *job, unsigned int count)
{
	if (atomic_sub_and_test(count, &job->undone))
		espvif_order_done(&job->sa->order, &job->turn);
}

static void done_late(struct espvif_crypt *op, int err)
{
	struct job *job = op->context;

	job->packets[op->number].err = err;
	espvif_crypt_put(op);
	note_done(job, 1);
}

static int crypt(struct job *job, unsigned int number)
{
	const struct espvif_spread_packet *packet = &job->packets[number];
	struct espvif_crypt *op;
	int err;

	op = espvif_crypt_get(&job->sa->transform);
	if (!op)
		return -ENOMEM;
	op->skb = packet->skb;
	op->context = job;
	op->number = number;
	op->done = done_late;
	op->esp = packet->esp;
	op->seq = packet->seq;
	op->crypt_len = packet->crypt_len;
	err = is_inbound(job->sa) ? espvif_crypt_open(op) : espvif_crypt_seal(op);
	if (err != -EINPROGRESS)
		espvif_crypt_put(op);
	return err;
}

/* RCU read side, bottom halves disabled: packets may go on from here */
static void do_job(struct job *job)
{
	struct espvif_order *order = &job->sa->order;
	int cpu = smp_processor_id();
	unsigned int i, done = 1;
	int err;

	/* what comes after decryption is much, too: better not where the packets came by */
	if (is_inbound(job->sa) && cpu != job->cpu && !espvif_order_away(order))
		espvif_order_move(order, cpu, true);
	for (i = 0; i < job->count; i++) {
		err = crypt(job, i);
		if (err == -EINPROGRESS)
			continue;
		job->packets[i].err = err;
		done++;
	}
	note_done(job, done);
}

/* The next job; if there is none the worker, unless NULL, goes to sleep */
static struct job *next_job(struct crew *crew, struct worker *worker)
{
	struct job *job;

	spin_lock(&crew->lock);
	job = list_first_entry_or_null(&crew->jobs, struct job, entry);
	if (job) {
		list_del(&job->entry);
		crew->waiting--;
	} else if (worker) {
		crew->active &= ~BIT(worker - crew->workers);
	}
	spin_unlock(&crew->lock);
	return job;
}

static void work(struct work_struct *work)
{
	struct worker *worker = container_of(work, struct worker, work);
	struct job *job;

	do {
		local_bh_disable();
		rcu_read_lock();
		job = next_job(worker->crew, worker);
		if (job)
			do_job(job);
		rcu_read_unlock();
		local_bh_enable();
		cond_resched();
	} while (job);
}

/* Who is to get up, if those who have are too few for what waits */
static struct worker *worker_needed(struct crew *crew)
{
	/* one even if no other CPU is left: what was given is to be done */
	unsigned int most = clamp_t(unsigned int, num_online_cpus() - 1, 1, WORKERS);
	unsigned long number = ffz(crew->active);

	lockdep_assert_held(&crew->lock);
	if (number >= most || crew->waiting <= hweight_long(crew->active))
		return NULL;
	crew->active |= BIT(number);
	return &crew->workers[number];
}

static void hand_out(struct crew *crew, struct job **slot)
{
	struct job *job = *slot;
	struct worker *worker;

	*slot = NULL;
	crew->opened--;
	job->turn.packets = job->count;
	atomic_set(&job->undone, job->count + 1);
	WRITE_ONCE(job->sa->spread_at, jiffies);
	espvif_order_add(&job->sa->order, &job->turn, false);

	spin_lock(&crew->lock);
	list_add_tail(&job->entry, &crew->jobs);
	crew->waiting++;
	worker = worker_needed(crew);
	spin_unlock(&crew->lock);
	if (worker)
		queue_work(workqueue, &worker->work);
}

static void hand_out_all(struct crew *crew)
{
	struct job **slot;

	for (slot = crew->open; crew->opened; slot++)
		if (*slot)
			hand_out(crew, slot);
}

static int poll_crew(struct napi_struct *napi, int budget)
{
	struct crew *crew = container_of(napi, struct crew, napi);
	struct job *job;

	rcu_read_lock();
	hand_out_all(crew);
	if (READ_ONCE(crew->waiting) > JOBS_WAITING) {
		job = next_job(crew, NULL);
		if (job)
			do_job(job);
	}
	rcu_read_unlock();
	if (READ_ONCE(crew->waiting) > JOBS_WAITING)
		return budget;
	napi_complete_done(napi, 0);
	return 0;
}

static struct job *make_job(struct espvif_sa *sa, espvif_spread_deliver deliver_packet)
{
	struct job *job;

	if (!espvif_sa_tryget(sa))
		return NULL;
	job = kmalloc(sizeof(*job), GFP_ATOMIC);
	if (!job) {
		espvif_sa_put(sa);
		return NULL;
	}
	espvif_turn_init(&job->turn, 0, deliver);
	job->sa = sa;
	job->deliver = deliver_packet;
	job->cpu = smp_processor_id();
	job->count = 0;
	return job;
}

static struct job **slot_of(struct crew *crew, const struct espvif_sa *sa)
{
	return &crew->open[sa->id % JOBS_OPEN];
}

/* A job for the SA that has room; NULL if there is no memory */
static struct job *open_job(struct crew *crew, struct espvif_sa *sa,
			    espvif_spread_deliver deliver_packet)
{
	struct job **slot = slot_of(crew, sa);

	if (*slot && (*slot)->sa != sa)
		hand_out(crew, slot);
	if (!*slot) {
		*slot = make_job(sa, deliver_packet);
		if (!*slot)
			return NULL;
		crew->opened++;
		napi_schedule(&crew->napi);
	}
	return *slot;
}

/**
 * espvif_spread_hand_out() - have others begin with what they were given
 * @sa:		whose packets that are
 *
 * They begin anyway when this CPU has had its turn with all that has arrived. Who sends on
 * behalf of a program can't wait: the next packet may leave by another CPU.
 *
 * Context: RCU read side, bottom halves disabled.
 */
void espvif_spread_hand_out(struct espvif_sa *sa)
{
	struct crew *crew = this_cpu_ptr(crews);
	struct job **slot = slot_of(crew, sa);

	if (*slot && (*slot)->sa == sa)
		hand_out(crew, slot);
}

/* This CPU does it alone again: what is on its way must not be overtaken */
static void stop(struct espvif_sa *sa)
{
	espvif_spread_hand_out(sa);
	/* unless the SA's packets come by other CPUs too, which are behind */
	if (!espvif_order_away(&sa->order) ||
	    time_before(jiffies, READ_ONCE(sa->spread_at) + STAY) || !espvif_sa_tryget(sa))
		return;
	espvif_order_move(&sa->order, smp_processor_id(), false);
	espvif_sa_put(sa);
}

/**
 * espvif_spread_wanted() - should others do the crypto of a packet
 * @sa:		its SA
 * @began:	for espvif_spread_watched() if the caller does it
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: whether this CPU has no time for it.
 */
bool espvif_spread_wanted(struct espvif_sa *sa, u64 *began)
{
	struct crew *crew = this_cpu_ptr(crews);

	*began = 0;
	crew->packets++;
	if (unlikely(time_after_eq(jiffies, crew->until)))
		judge(crew);
	if (unlikely(crew->on))
		return true;
	if (unlikely(crew->opened || espvif_order_away(&sa->order)))
		stop(sa);
	if (unlikely(!(crew->packets % TIMED)))
		*began = local_clock();
	return false;
}

/**
 * espvif_spread_note_time() - see espvif_spread_watched()
 * @began:	when the crypto of a packet did
 */
void espvif_spread_note_time(u64 began)
{
	this_cpu_add(crews->crypto, (local_clock() - began) * TIMED);
}

/**
 * espvif_spread_give() - have others do the crypto of a packet
 * @sa:		its SA
 * @packet:	the packet; copied
 * @deliver:	takes it over again when it is done and its turn has come, or at once if too
 *		many wait
 *
 * What the SA has protected before has to be on its way already, or it is overtaken.
 *
 * Context: RCU read side, bottom halves disabled.
 * Return: false if there is no memory, or too much waits on this CPU: the caller has to do
 * it, and to have it go on behind what was given.
 */
bool espvif_spread_give(struct espvif_sa *sa, const struct espvif_spread_packet *packet,
			espvif_spread_deliver deliver)
{
	struct crew *crew = this_cpu_ptr(crews);
	struct espvif_spread_packet refused = *packet;
	struct job *job;

	if (espvif_order_full(&sa->order)) {
		refused.err = -ENOMEM;
		deliver(sa, &refused, 1);
		return true;
	}
	if (READ_ONCE(crew->waiting) >= JOBS_MOST) {
		espvif_spread_hand_out(sa);
		return false;
	}
	job = open_job(crew, sa, deliver);
	if (!job)
		return false;
	if (is_inbound(sa))
		dev_hold(packet->skb->dev);
	job->packets[job->count++] = *packet;
	espvif_count(sa->enet->counters, is_inbound(sa) ? ESPVIF_IN_SPREAD : ESPVIF_OUT_SPREAD);
	if (job->count == JOB_PACKETS)
		hand_out(crew, slot_of(crew, sa));
	return true;
}

static void init_crew(struct crew *crew)
{
	struct worker *worker;

	crew->until = jiffies;
	spin_lock_init(&crew->lock);
	INIT_LIST_HEAD(&crew->jobs);
	for (worker = crew->workers; worker < crew->workers + WORKERS; worker++) {
		INIT_WORK(&worker->work, work);
		worker->crew = crew;
	}
	espvif_poll_add(&crew->napi, poll_crew);
}

/**
 * espvif_spread_init() - make a crew for each CPU
 *
 * Return: 0 or -ENOMEM.
 */
int espvif_spread_init(void)
{
	int cpu;

	workqueue = alloc_workqueue("espvif-spread", WQ_UNBOUND | WQ_SYSFS | WQ_MEM_RECLAIM, 0);
	if (!workqueue)
		return -ENOMEM;
	crews = alloc_percpu(struct crew);
	if (!crews) {
		destroy_workqueue(workqueue);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu)
		init_crew(per_cpu_ptr(crews, cpu));
	return 0;
}

/**
 * espvif_spread_uninit() - undo espvif_spread_init(); no SA is left
 */
void espvif_spread_uninit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		espvif_poll_remove(&per_cpu_ptr(crews, cpu)->napi);
	destroy_workqueue(workqueue);
	synchronize_net();
	free_percpu(crews);
}
