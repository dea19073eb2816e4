# SPDX-License-Identifier: GPL-2.0-only
#
# What this kernel has, found out by looking into its headers: distributions
# port features back, so its version number doesn't tell.

# $(call probe,HEADER,REGULAR EXPRESSION,MACRO)
probe = $(if $(shell grep -sE '$(2)' $(srctree)/include/$(1)),-D$(3))

ccflags-y += $(call probe,linux/crypto.h,crypto_completion_t.*struct crypto_async_request,ESPVIF_HAVE_COMPLETION_REQUEST)
ccflags-y += $(call probe,linux/netdevice.h,lltx:1,ESPVIF_HAVE_LLTX_BIT)
ccflags-y += $(call probe,net/gso.h,skb_gso_segment,ESPVIF_HAVE_GSO_HEADER)
ccflags-y += $(call probe,linux/netdevice.h,xdo_dev_state_add.*netlink_ext_ack,ESPVIF_HAVE_XDO_EXTACK)
ccflags-y += $(call probe,linux/netdevice.h,xdo_dev_state_add.*net_device,ESPVIF_HAVE_XDO_DEV)
ccflags-y += $(call probe,linux/netdevice.h,xdo_dev_policy_add,ESPVIF_HAVE_XDO_POLICY)
ccflags-y += $(call probe,uapi/linux/xfrm.h,XFRM_SA_DIR_OUT,ESPVIF_HAVE_XFRM_DIR)
ccflags-y += $(call probe,net/dropreason-core.h,SKB_DROP_REASON_IP_TUNNEL_ECN,ESPVIF_HAVE_DROP_REASON_ECN)
ccflags-y += $(call probe,trace/stages/stage6_event_callback.h,define __assign_str\(dst\),ESPVIF_HAVE_ASSIGN_STR_ALONE)
ccflags-y += $(call probe,net/netns/ipv4.h,struct udp_table.*udp_table,ESPVIF_HAVE_UDP_TABLE_OF_NET)
ccflags-y += $(call probe,linux/skbuff.h,bool skb_frags_readable,ESPVIF_HAVE_UNREADABLE_FRAGS)
