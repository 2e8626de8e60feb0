# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose images find a root on the network: a suite's tree with dracut's modules for that,
and what they need, in a layer over it. Knows nothing of what is on the network."""

from lib.stacked import LayeredGuest

# What dracut's own network is made with; later ones have systemd's.
LEGACY = ("isc-dhcp-client", "procps")
# In Debian 12, what dracut has of systemd's network knows of no root, and is preferred.
PREFER = {"etc/dracut.conf.d/network.conf": 'add_dracutmodules+=" network-legacy "\n'}


class NetworkGuest(LayeredGuest):
    """One suite, with the tools for roots on the network."""

    suffix = "network"
    packages = ("dracut-network", "iproute2", "nfs-common", "rpcbind")
    suite_packages = {"bookworm": LEGACY, "trixie": LEGACY}

    @property
    def files(self):
        return PREFER if self.suite == "bookworm" else {}
