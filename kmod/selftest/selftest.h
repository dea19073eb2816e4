/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_SELFTEST_H
#define _ESPVIF_SELFTEST_H

#include <linux/types.h>

#ifdef DEBUG
bool espvif_esp_selftest(void);
bool espvif_replay_selftest(void);
bool espvif_selector_selftest(void);
bool espvif_transform_selftest(void);
#endif

#endif /* _ESPVIF_SELFTEST_H */
