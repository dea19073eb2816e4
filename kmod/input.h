/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_INPUT_H
#define _ESPVIF_INPUT_H

int espvif_input_init(void);
void espvif_input_uninit(void);

#endif /* _ESPVIF_INPUT_H */
