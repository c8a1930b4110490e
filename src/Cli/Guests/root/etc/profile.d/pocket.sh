# On the console only: what tells that the profile is up.
[ "$(tty)" != /dev/hvc0 ] || echo "pocket: $(hostname) ready"
