# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots in which something happens after early-vfio has run: a root device that does not appear,
devices that come late or again.
Knows nothing of how it is booted and compared; see lib/scenario.py."""

from dataclasses import replace

from lib.guest import UNLOCKED
from lib.machine import Machine, card, drive, e1000e
from lib.scenario import Scenario

CARD1, SOUND1 = "0000:01:00.0", "0000:01:00.1"
CARD2, SOUND2 = "0000:02:00.0", "0000:02:00.1"
PF, VF1, VF2 = "0000:03:00.0", "0000:03:00.1", "0000:03:00.2"
ROOT = "0000:04:00.0"
SECOND_TAKEN = {CARD1: "bochs-drm", SOUND1: "snd_hda_intel", CARD2: "vfio-pci", SOUND2: "vfio-pci"}
INITRAMFS_TOOLS = ("initramfs-tools",)

# A boot script that finds and mounts its root alone, as that of ZFS does: nobody calls local-block,
# init runs the scripts of nfs-top, as those are what stands last, and it runs those of local itself.
BESIDE = """
mountroot() {
	run_scripts /scripts/local-top
	run_scripts /scripts/local-premount
	until [ -e /dev/disk/by-label/guest ]; do
		sleep 1
	done
	modprobe ext4
	mount -t ext4 /dev/disk/by-label/guest "$rootmnt"
}
"""
BESIDE_SCRIPT = {"etc/initramfs-tools/scripts/beside": BESIDE}
ROOT_RULES = {"etc/early-vfio.conf": "bind 1b36:0010@0000:04:00.0\n"
                                     "bind 1234:1111@0000:02:00.0+slot\n"
                                     "set root-wait 3\n"}
CONFIGS = {
    "none": {},
    # With the second card, which is none of the root's affair and stays taken.
    "root": ROOT_RULES,
    "beside": ROOT_RULES | BESIDE_SCRIPT,
    "late": {"etc/early-vfio.conf": "bind 1234:1111@0000:02:00.0+slot\n"
                                    f"bind {VF1} optional\n"},
    "late-image": {"etc/early-vfio.conf": "bind 1234:1111@0000:02:00.0+slot\n"} | UNLOCKED,
    # All modules are loaded for the first time, while udev loads those of the other function.
    "patient": {"etc/early-vfio.conf": "set timeout 30\n"},
    # Places that are empty at boot, and what vfio-pci's own ids= would take there.
    "plugged": {"etc/early-vfio.conf": "bind 1234:1111@0000:02:00.0+slot optional\n",
                "etc/modprobe.d/vfio.conf": "options vfio-pci ids=8086:10d3\n"},
}
# A controller with virtual functions.
SRIOV = (*drive("pf"), "-device", "nvme-subsys,id=subsys",
         "-device", "nvme,bus=rp3,addr=0.0,serial=pf,subsys=subsys,sriov_max_vfs=2,"
         "sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=7")
BOUND = ("bind", "bound")
PREPARE = """
driver() {
	target=-
	[ ! -e "/sys/bus/pci/devices/$1/driver" ] || target=$(readlink "/sys/bus/pci/devices/$1/driver")
	printf '%s is with %s\\n' "$1" "${target##*/}"
}
again() {
	echo 1 >"/sys/bus/pci/devices/$1/remove"
	udevadm settle
	echo 1 >/sys/bus/pci/rescan
	udevadm settle
	driver "$1"
}
# plug NAME ADDRESS: asks for the devices of that name, and waits until udev is done with the one
# at that address. It says so after it has run what its rules say. Without systemd, nobody has
# started it, but the image's may still be there.
plug() {
	if [ ! -e /run/started ]; then
		udevadm control --exit
		/lib/systemd/systemd-udevd --daemon || exit
		: >/run/started
	fi
	mkfifo /run/events
	udevadm monitor --udev --subsystem-match=pci >/run/events &
	monitor=$!
	exec 3</run/events
	until [ "${line#UDEV - }" != "$line" ]; do
		read -r line <&3 || exit
	done
	printf 'guest-plug %s\\n' "$1" >/dev/console
	until [ "${line%"/$2 (pci)"}" != "$line" ]; do
		read -r line <&3 || exit
	done
	exec 3<&-
	kill "$monitor"
	rm /run/events
	udevadm settle
}
"""
# What looks for the root in the image does not outlive it.
LEFT = """
for name in /proc/[0-9]*/cmdline; do
	read -r line <"$name" || :
	case $line in
	*early-vfio*) tr '\\0' ' ' <"$name"; exit 1 ;;
	esac
done 2>/dev/null
echo no clock is left
"""


def in_guest(script, pattern):
    return PREPARE + script, 0, pattern


def by_rdinit(scenario):
    """The same, where nothing of ours is in the image: the booted system's rule does it."""
    return replace(scenario, name=f"{scenario.name}-rdinit", is_extra=True, is_daily=False)


LATE = Scenario(
    "late", Machine(card(1) + card(2) + SRIOV), {CARD1: "bochs-drm", SOUND1: "snd_hda_intel"},
    image="late", is_systemd=True, status=None,
    report={CARD2: BOUND, SOUND2: BOUND, VF1: ("defer", None)},
    commands={
        "late-1-again": in_guest(f"again {CARD2}", f"^{CARD2} is with vfio-pci"),
        "late-2-hosts": in_guest(f"again {CARD1}", f"^{CARD1} is with bochs-drm"),
        "late-3-functions": in_guest(
            f"echo 2 >/sys/bus/pci/devices/{PF}/sriov_numvfs || exit\nudevadm settle\n"
            f"driver {VF1}\ndriver {VF2}\n", f"^{VF1} is with vfio-pci"),
        "late-4-released": in_guest(
            f"early-vfio release {SOUND2} {VF1} || exit\nudevadm settle\n"
            f"udevadm trigger --action=add /sys/bus/pci/devices/{SOUND2}\nudevadm settle\n"
            f"driver {SOUND2}\ndriver {VF1}\n", f"^{SOUND2} is with snd_hda_intel"),
        "late-5-log": ("dmesg | grep 'early-vfio: '", 0, rf"{VF1} .*bound to vfio-pci: "),
        "late-6-quiet": (f"! dmesg | grep 'early-vfio: ' | grep {CARD1}; echo done", 0,
                         "^done$"),
        "late-7-kept": in_guest(
            f"echo keep {VF2} >>/etc/early-vfio.conf || exit\n"
            'early-vfio generate --kernel "$(uname -r)" --output /run/kept\n'
            "grep ^protect /run/kept\n",
            rf"^protect {PF} 1b36:0010 leads to what is kept \({VF2}\)$"),
    })
# Where the hosts' drivers are loaded, which take at once what is plugged in.
HOTPLUG = Scenario(
    "hotplug", Machine(card(1), empty_ports=(2, 3)),
    {CARD1: "bochs-drm", SOUND1: "snd_hda_intel", CARD2: "absent"},
    image="plugged", status=None,
    plugs={"second": card(2), "third": card(3), "nic": e1000e(4)},
    commands={
        "plug-1-taken": in_guest(f"plug second {SOUND2}\ndriver {SOUND2}\ndriver {CARD2}\n",
                                 f"^{CARD2} is with vfio-pci"),
        "plug-2-slot": in_guest(f"driver {SOUND2}\n", f"^{SOUND2} is with vfio-pci"),
        "plug-3-hosts": in_guest("plug third 0000:03:00.1\ndriver 0000:03:00.0\n",
                                 "^0000:03:00.0 is with bochs-drm"),
        "plug-4-slot": in_guest("driver 0000:03:00.1\n", "^0000:03:00.1 is with snd_hda_intel"),
        "plug-5-ids": in_guest("plug nic 0000:04:00.0\ndriver 0000:04:00.0\n",
                               "^0000:04:00.0 is with vfio-pci"),
        "plug-6-log": ("dmesg | grep 'early-vfio: '", 0,
                       r"0000:04:00\.0 .*bound to vfio-pci: /etc/modprobe\.d/vfio\.conf:1"),
        "plug-7-status": ("early-vfio status", 0, r"0000:04:00\.0 .*bound"),
    })
# What vfio-pci.ids= does for what comes later, where nothing was there to be taken at boot.
IDS_HOTPLUG = Scenario(
    "hotplug-ids", Machine(empty_ports=(2, 3)), {CARD2: "absent"}, status=None,
    image="patient", cmdline="vfio-pci.ids=1234:1111,1b36:0010", is_daily=False,
    plugs={"second": card(2), "third": card(3),
           "disk": ("-device", "nvme,bus=rp4,addr=0.0,serial=other")},
    commands={
        "plug-1-taken": in_guest(f"plug second {SOUND2}\ndriver {CARD2}\n",
                                 f"^{CARD2} is with vfio-pci"),
        "plug-2-hosts": in_guest(f"driver {SOUND2}\n", f"^{SOUND2} is with snd_hda_intel"),
        "plug-3-twin": in_guest("plug third 0000:03:00.1\ndriver 0000:03:00.0\n",
                                "^0000:03:00.0 is with vfio-pci"),
        "plug-4-disk": in_guest("plug disk 0000:04:00.0\ndriver 0000:04:00.0\n",
                                "^0000:04:00.0 is with vfio-pci"),
        "plug-5-log": ("dmesg | grep 'early-vfio: '", 0,
                       r"0000:04:00\.0 .*bound to vfio-pci: cmdline"),
    })

SCENARIOS = (
    # Through systemd: its coldplug shall not take the root away again.
    Scenario(
        "heal", Machine(card(2), root_port=4),
        {ROOT: "nvme", CARD2: "vfio-pci", SOUND2: "vfio-pci"},
        planted="the config takes the root's controller",
        image="root", is_systemd=True,
        status=1,
        report={ROOT: ("refuse", "released"), CARD2: BOUND, SOUND2: BOUND},
        log=(r"0000:04:00\.0 1b36:0010 bound to vfio-pci",
             r"0000:04:00\.0 1b36:0010 released.*: the root device did not appear"),
        console=(r"0000:04:00\.0 1b36:0010 released.*: the root device did not appear",),
        commands={"check": ("early-vfio check", 1, r"FAIL .*0000:04:00\.0 1b36:0010 is left to the host")}),
    Scenario(
        "heal-beside", Machine(card(2), root_port=4),
        {ROOT: "nvme", CARD2: "vfio-pci", SOUND2: "vfio-pci"},
        planted="the config takes the root's controller, and nobody calls local-block",
        image="beside",
        cmdline="boot=beside", generators=INITRAMFS_TOOLS, status=1,
        report={ROOT: ("refuse", "released"), CARD2: BOUND},
        log=(r"0000:04:00\.0 1b36:0010 released.*: the root device did not appear",)),
    # What to resume from was on the same disk, and is waited for first, for as long as the root.
    Scenario(
        "heal-resume", Machine(card(2), root_port=4), {ROOT: "nvme", CARD2: "vfio-pci"},
        planted="the config takes the controller of the root and of what to resume from",
        image="root", cmdline="resume=UUID=00000000-0000-0000-0000-000000000000",
        generators=INITRAMFS_TOOLS, status=1,
        report={ROOT: ("refuse", "released"), CARD2: BOUND},
        log=(r"0000:04:00\.0 1b36:0010 released.*: the root device did not appear",)),
    LATE,
    HOTPLUG,
    IDS_HOTPLUG,
    # The image's own rule, before the root is there.
    Scenario(
        "late-image", Machine(card(1) + card(2)), SECOND_TAKEN, image="late-image",
        status=None, cmdline="break=premount rd.break=pre-mount SYSTEMD_SULOGIN_FORCE=1",
        dialogue=((*((f"echo 1 >/sys/bus/pci/devices/{address}/remove; echo gone", 0, "^gone$")
                     for address in (CARD1, CARD2, SOUND2)),
                   ("early-vfio status", 1, r"1234:1111@0000:02:00\.0\+slot: no such device"),
                   ("echo 1 >/sys/bus/pci/rescan; udevadm settle; echo back", 0, "^back$"),
                   ("early-vfio status", 0, r"0000:02:00\.0 .*bound"),
                   (f"readlink /sys/bus/pci/devices/{SOUND2}/driver", 0, "/vfio-pci$"),
                   (f"readlink /sys/bus/pci/devices/{CARD1}/driver", 0, "/bochs-drm$")),),
        commands={"left": (LEFT, 0, "^no clock is left$")}),
    *(by_rdinit(scenario) for scenario in (LATE, HOTPLUG, IDS_HOTPLUG)),
)
