# The Debian packages that Cantine needs, and why.

# compiling the programs
PACKAGES_BUILD := build-essential pkg-config libnfc-dev libmosquitto-dev libsqlite3-dev \
	libsystemd-dev libinih-dev libjansson-dev bsdextrautils tzdata

# tests, the demo and the measurements: a broker, a bus, the NFC tools that the virtual reader must please
PACKAGES_CHECK := libcmocka-dev python3 python3-pytest python3-paho-mqtt mosquitto mosquitto-clients \
	dbus sqlite3 libnfc-bin libnfc-examples python3-jsonschema clang-format systemd

# make check-system: a Debian 12 of its own
PACKAGES_SYSTEM := debootstrap systemd-container
