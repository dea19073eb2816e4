// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest's patience with its emulator. When a kernel with several processors turns
 * a static key, it puts a breakpoint where the code changes, tells all processors, and
 * takes it away again. QEMU translates the code of each processor in a thread of
 * its own, and one of them may run what it translated before for a moment longer: a
 * breakpoint that isn't there any more. Linux 6.1 runs the instruction once more then,
 * as a real processor would have; 6.12 dies ("Oops: int3"). This has it do as 6.1.
 */
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>
#include <asm/text-patching.h>

static int run_again(struct notifier_block *block, unsigned long event, void *data)
{
	struct pt_regs *regs = ((struct die_args *)data)->regs;
	unsigned long address = regs->ip - INT3_INSN_SIZE;

	if (event != DIE_INT3 || user_mode(regs) ||
	    *(const u8 *)address == INT3_INSN_OPCODE)
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
