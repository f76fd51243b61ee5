# Runs in mounts of its own: nobody else sees the small disk, and it is gone afterwards.
mkdir store
mount -t tmpfs -o size=1m tmpfs store
lockflight --store store run --jobs 1 --keep-going
echo "exit code $?"
lockflight --store store store check
echo "--- more room"
mount -o remount,size=64m store
lockflight --store store run --quiet
echo "exit code $?"
lockflight --store store store check
