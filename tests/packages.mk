# The Debian packages that Cantine needs, and why.

# compiling the programs
PACKAGES_BUILD := build-essential pkg-config libnfc-dev libmosquitto-dev libsqlite3-dev \
	libsystemd-dev libinih-dev libjansson-dev bsdextrautils tzdata gettext scdoc

# the lobby page, where there is no npm yet
PACKAGES_LOBBY := nodejs npm

# the demo: a broker and a bus of its own
PACKAGES_DEMO := python3 python3-paho-mqtt mosquitto mosquitto-clients dbus sqlite3

# tests and measurements: the NFC tools that the virtual reader must please, a browser for the page
PACKAGES_CHECK := $(PACKAGES_DEMO) libcmocka-dev python3-pytest libnfc-bin libnfc-examples libnfc-pn53x-examples \
	python3-jsonschema openssl clang-format systemd chromium chromium-driver python3-selenium \
	shellcheck cage xwayland mandoc whiptail python3-pyte

# make check-system: a Debian 12 of its own
PACKAGES_SYSTEM := debootstrap systemd-container

# make check-vm: an emulated arm64 computer with a Debian 12 of its own, and the compiler for it
PACKAGES_VM := debootstrap qemu-system-arm qemu-utils qemu-user-static binfmt-support e2fsprogs kmod cpio \
	gcc-aarch64-linux-gnu
