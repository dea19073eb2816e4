/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ESPVIF_INPUT_H
#define _ESPVIF_INPUT_H

struct espvif_decision;
struct espvif_flow;
struct espvif_sa;
struct sk_buff;

void espvif_input_decide(struct espvif_sa *sa, const struct espvif_flow *flow,
			 struct espvif_decision *decision);

void espvif_input(struct espvif_sa *sa, struct sk_buff *skb);

int espvif_input_init(void);
void espvif_input_uninit(void);

#endif /* _ESPVIF_INPUT_H */
