// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An accelerator for AES-GCM, for tests, that takes its time: of the packets that it
 * is given, some are done at once, the others after a while that differs, so that they
 * are done in another order than they came in. What it does is right: the kernel's own
 * AES-GCM does it.
 *
 * Every algorithm rfc4106(gcm(aes)) that is made while the module is loaded is this one.
 */
#include <crypto/internal/aead.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/workqueue.h>

static unsigned int slowest_ms = 8;
module_param(slowest_ms, uint, 0644);
MODULE_PARM_DESC(slowest_ms, "milliseconds that a packet takes at most");

static unsigned int encrypt_late = 100;
module_param(encrypt_late, uint, 0644);
MODULE_PARM_DESC(encrypt_late, "per cent of the packets to encrypt that are done later");

static unsigned int decrypt_late = 100;
module_param(decrypt_late, uint, 0644);
MODULE_PARM_DESC(decrypt_late, "per cent of the packets to decrypt that are done later");

static unsigned long done_late;
module_param(done_late, ulong, 0444);
MODULE_PARM_DESC(done_late, "packets that were done later");

static struct workqueue_struct *workqueue;

struct late {
	struct crypto_aead *child;
};

/* One packet; the request of the algorithm that does the work comes last */
struct job {
	struct aead_request *req;
	int (*work_on)(struct aead_request *req);
	struct delayed_work work;
	struct aead_request child;
};

static void prepare(struct aead_request *req)
{
	struct late *late = crypto_aead_ctx(crypto_aead_reqtfm(req));
	struct job *job = aead_request_ctx(req);

	aead_request_set_tfm(&job->child, late->child);
	aead_request_set_callback(&job->child, 0, NULL, NULL);
	aead_request_set_ad(&job->child, req->assoclen);
	aead_request_set_crypt(&job->child, req->src, req->dst, req->cryptlen, req->iv);
}

static void do_late(struct work_struct *work)
{
	struct job *job = container_of(to_delayed_work(work), struct job, work);
	int err = job->work_on(&job->child);

	WRITE_ONCE(done_late, done_late + 1);
	local_bh_disable();
	aead_request_complete(job->req, err);
	local_bh_enable();
}

static int begin(struct aead_request *req, int (*work_on)(struct aead_request *req),
		 unsigned int percent)
{
	struct job *job = aead_request_ctx(req);

	prepare(req);
	if (get_random_u32() % 100 >= percent)
		return work_on(&job->child);
	job->req = req;
	job->work_on = work_on;
	INIT_DELAYED_WORK(&job->work, do_late);
	queue_delayed_work(workqueue, &job->work,
			   msecs_to_jiffies(get_random_u32() % (READ_ONCE(slowest_ms) + 1)));
	return -EINPROGRESS;
}

static int encrypt(struct aead_request *req)
{
	return begin(req, crypto_aead_encrypt, READ_ONCE(encrypt_late));
}

static int decrypt(struct aead_request *req)
{
	return begin(req, crypto_aead_decrypt, READ_ONCE(decrypt_late));
}

static int set_key(struct crypto_aead *tfm, const u8 *key, unsigned int len)
{
	struct late *late = crypto_aead_ctx(tfm);

	return crypto_aead_setkey(late->child, key, len);
}

static int set_auth_size(struct crypto_aead *tfm, unsigned int size)
{
	struct late *late = crypto_aead_ctx(tfm);

	return crypto_aead_setauthsize(late->child, size);
}

static int init(struct crypto_aead *tfm)
{
	struct late *late = crypto_aead_ctx(tfm);

	late->child = crypto_alloc_aead("rfc4106(gcm_base(ctr(aes-generic),ghash-generic))", 0,
					CRYPTO_ALG_ASYNC);
	if (IS_ERR(late->child))
		return PTR_ERR(late->child);
	crypto_aead_set_reqsize(tfm, sizeof(struct job) + crypto_aead_reqsize(late->child));
	return 0;
}

static void end(struct crypto_aead *tfm)
{
	struct late *late = crypto_aead_ctx(tfm);

	crypto_free_aead(late->child);
}

static struct aead_alg algorithm = {
	.setkey = set_key,
	.setauthsize = set_auth_size,
	.encrypt = encrypt,
	.decrypt = decrypt,
	.init = init,
	.exit = end,
	.ivsize = 8,
	.maxauthsize = 16,
	.chunksize = 16,
	.base = {
		.cra_name = "rfc4106(gcm(aes))",
		.cra_driver_name = "rfc4106-gcm-aes-late",
		.cra_priority = 10000,
		.cra_flags = CRYPTO_ALG_ASYNC,
		.cra_blocksize = 1,
		.cra_ctxsize = sizeof(struct late),
		.cra_module = THIS_MODULE,
	},
};

static int __init late_init(void)
{
	int err;

	workqueue = alloc_workqueue("late", WQ_UNBOUND, 0);
	if (!workqueue)
		return -ENOMEM;
	err = crypto_register_aead(&algorithm);
	if (err)
		destroy_workqueue(workqueue);
	return err;
}

static void __exit late_exit(void)
{
	crypto_unregister_aead(&algorithm);
	destroy_workqueue(workqueue);
}

module_init(late_init);
module_exit(late_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("AES-GCM that is done later, for tests of espvif");
