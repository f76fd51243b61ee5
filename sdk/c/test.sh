#!/bin/sh
# Compiles the tests of a plugin in C for this machine and runs them: each tests/*_test.c with the plugin's *.c, the SDK and the host in
# memory. `sh test.sh FOLDER`, in any folder. CC is the compiler (cc); CFLAGS is added, e.g. CFLAGS=-fsanitize=address,undefined.
set -eu
sdk=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
outcome=0
for test in tests/*_test.c; do
    # shellcheck disable=SC2046,SC2086
    if ${CC:-cc} -std=c11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -Wno-format-truncation ${CFLAGS:-} -I"$sdk/include" -I"$sdk/double" \
        -I. "$test" $(ls ./*.c 2>/dev/null) "$sdk"/src/*.c "$sdk/double/double.c" -lm -o "$made/test" && "$made/test"; then
        echo "passed: $test"
    else
        echo "failed: $test"
        outcome=1
    fi
done
exit $outcome
