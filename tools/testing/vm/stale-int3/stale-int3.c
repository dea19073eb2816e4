// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest's patience with its emulator. When a kernel with several processors turns
 * a static key, it puts a breakpoint where the code changes, tells all processors, and
 * takes it away again. QEMU translates the code of each processor in a thread of
 * its own, and one of them may run what it translated before for a moment longer: a
 * breakpoint that isn't there any more. Linux 6.1 runs the instruction once more then,
 * as a real processor would have; 6.12 dies ("Oops: int3"). This has it do as 6.1.
 *
 * Between the kernel's look at what is being changed and ours the host may take the
 * processor away for long enough that the same key turns again, and there is a breakpoint
 * again. The kernel knows that one when it is met once more; a breakpoint that nobody
 * knows is met time and again, and the kernel may die of it.
 */
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <asm/text-patching.h>

#define PATIENCE	1000

/* The breakpoint met last for which there was one in memory, and how often in a row */
struct met {
	unsigned long address;
	unsigned int times;
};

static DEFINE_PER_CPU(struct met, last_met);

static bool nobody_knows(unsigned long address)
{
	struct met *met = this_cpu_ptr(&last_met);

	if (met->address != address)
		met->times = 0;
	met->address = address;
	return met->times++ >= PATIENCE;
}

static int run_again(struct notifier_block *block, unsigned long event, void *data)
{
	struct pt_regs *regs = ((struct die_args *)data)->regs;
	unsigned long address = regs->ip - INT3_INSN_SIZE;

	if (event != DIE_INT3 || user_mode(regs))
		return NOTIFY_DONE;
	if (*(const u8 *)address == INT3_INSN_OPCODE && nobody_knows(address))
		return NOTIFY_DONE;
	regs->ip = address;
	return NOTIFY_STOP;
}

static struct notifier_block block = { .notifier_call = run_again };

static int __init stale_int3_init(void)
{
	return register_die_notifier(&block);
}

static void __exit stale_int3_exit(void)
{
	unregister_die_notifier(&block);
}

module_init(stale_int3_init);
module_exit(stale_int3_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Runs an instruction again that a stale breakpoint stood for");
