# Runs in mounts of its own: the store is read-only for nobody else.
mount --bind store store
mount -o remount,bind,ro store
lockflight --store store show latest > shown && grep -c small shown
echo "--- a stage that has no result yet"
echo "config = { rows = 4 }" >> lockflight.toml
lockflight --store store run
echo "exit code $?"
lockflight --store store store check
