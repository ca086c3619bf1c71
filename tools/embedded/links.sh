# Sourced by check: links firmware in every way that docs/embedded.md names.

# linked_by IMAGE COMPILER [ARGUMENT...]: links with the selected board's script and says, in owner,
# which archive memcpy is of.
linked_by() {
  local image=$1 compiler=("$2")
  shift 2
  case ${compiler[0]} in
    gcc) compiler=("$gcc" "${core_flags[@]}" -nostartfiles -Wl,--trace-symbol=memcpy) ;;
    clang) compiler=("$lld" --trace-symbol=memcpy) ;;
  esac
  "${compiler[@]}" -L "$firmware" -T "$firmware/$board.ld" "$@" -o "$image" \
    >"$image.messages" 2>&1 && ! grep -q warning "$image.messages" || {
    cat "$image.messages" >&2
    fail "$core: does not link, or with a warning: ${compiler[*]##*/} ${*##*/}"
  }
  owner=$(sed -nE 's#.*/([^/]*\.a)\(.*: definition of memcpy$#\1#p' "$image.messages")
}

# compile_linked COMPILER SOURCE OBJECT LIBRARY-DIR: compiles a source for check_links.
compile_linked() {
  local compiler=("$gcc")
  [ "$1" = gcc ] || compiler=("$clang" "--target=$triple")
  "${compiler[@]}" "${core_flags[@]}" -std=c11 -Os -ffreestanding -ffunction-sections \
    -fdata-sections -Wall -Wextra -Werror -I "$4" -I "$firmware" -I "$work/model" -c "$2" -o "$3"
}

# check_links DIR: links a program that calls memory functions itself, with the library in DIR, by
# GCC before and behind a C library and without one, by lld, each with and without --gc-sections. The
# memory functions have to be the C library's where there is one, and the program has to work.
check_links() {
  local folder=$1/links argument source collect way image count=0
  require_gcc
  select_board "${boards[0]}"
  for argument in gcc clang; do
    mkdir -p "$folder/$argument"
    for source in "$firmware/links.c" "$firmware/text.c" "${board_sources[@]/#/$firmware/}" \
      "$work/model/model.c" "$work/model/model_vectors.c"; do
      compile_linked "$argument" "$source" "$folder/$argument/${source##*/}.o" "$1"
    done
  done
  local own=("$1/libadder.a" "$1/libadder-memory.a")
  for collect in --gc-sections --no-gc-sections; do
    local gcc_flags=("-Wl,$collect" "${library_flags[@]}" "$folder"/gcc/*.o)
    for way in behind first memory-first none lld; do
      image=$folder/$way$collect
      case $way in
        behind) linked_by "$image" gcc "${gcc_flags[@]}" "$1/libadder.a" ;;
        first) linked_by "$image" gcc "${gcc_flags[@]}" -lc "$1/libadder.a" ;;
        # Where libadder-memory.a should not be; shows that owner tells.
        memory-first) linked_by "$image" gcc "${gcc_flags[@]}" "${own[@]}" ;;
        none) linked_by "$image" gcc -nostdlib "-Wl,$collect" "$folder"/gcc/*.o "${own[@]}" -lgcc ;;
        lld) linked_by "$image" clang "$collect" "$folder"/clang/*.o "${own[@]}" ;;
      esac
      case $way in
        behind | first) [ "$owner" = libc.a ] ;;
        *) [ "$owner" = libadder-memory.a ] ;;
      esac || fail "$core: linked '$way' $collect, memcpy is of '$owner'"
      run_expecting 0 'the self-test passes beside memory functions$' "$image"
      count=$((count + 1))
    done
  done
  echo "$core: links and runs in $count ways; 1,024 bytes by memcpy, memmove, memset, instructions:"
  echo "  of the C library $(memory_costs "$folder/behind--gc-sections")," \
    "of libadder-memory.a $(memory_costs "$folder/none--gc-sections")"
}

# memory_costs IMAGE: prints what memcpy, memmove and memset took in a run.
memory_costs() {
  local costs
  costs=$(awk '/instructions$/ { $1 = $NF = ""; gsub(" ", ""); print }' "$1.txt" | tr '\n' ' ')
  echo "${costs% }"
}

# documented_commands: prints the commands of docs/embedded.md that link programs, one a line.
documented_commands() {
  awk '/^```sh/ { is_shell = 1; next } /^```/ { is_shell = 0 }
    is_shell {
      command = command $0
      if (sub(/\\$/, "", command)) next
      print command
      command = ""
    }' \
    "$root/docs/embedded.md" | grep -E '(gcc|clang) .*libadder\.a'
}

# check_documented: runs each of these commands in a folder with a start-up file and a linker script,
# where the library and what adderc emit-c writes are where the document says, and the program.
check_documented() {
  local folder=$work/documented command image status class count=0
  class=$(sed -n 's/^ *0  *\([0-9]*\) .*as expected$/\1/p' "$work/cortex-m4/example.txt")
  mkdir -p "$folder/out" "$folder/bin"
  ln -s "$clang" "$lld" "$folder/bin"
  ln -s "$work" "$folder/out/embedded"
  cp -r "$work/model" "$folder/firmware"
  cp "$firmware/sections.ld" "$firmware/board.h" "$folder"
  while read -r command; do
    # Where this machine's own GCC is named, it may be one for another processor here.
    [ "$(uname -m)" = x86_64 ] || command=${command/#gcc /x86_64-linux-gnu-gcc }
    [[ $command =~ out/embedded/([a-z0-9_-]+)/ ]] || fail "docs/embedded.md: no core: $command"
    select_core "${BASH_REMATCH[1]}"
    select_board "${boards[0]}"
    rm -f "$folder/startup.c" "$folder/board.ld"
    if [ "$platform" = firmware ]; then
      cp "$firmware/${board_sources[0]}" "$folder/startup.c"
      cp "$firmware/$board.ld" "$folder/board.ld"
    fi
    (cd "$folder" && PATH=$folder/bin:$PATH bash -euc "$command" >messages 2>&1) &&
      [ ! -s "$folder/messages" ] || {
      cat "$folder/messages" >&2
      fail "docs/embedded.md: does not work or gives a warning: $command"
    }
    [[ $command =~ \ -o\ ([a-z.-]+) ]] || fail "docs/embedded.md: no output: $command"
    image=$folder/${BASH_REMATCH[1]} status=0
    run_firmware "$image" || status=$?
    [ "$status" = "$class" ] || fail "docs/embedded.md: status $status, expected $class: $command"
    rm "$image"
    count=$((count + 1))
  done < <(documented_commands)
  [ "$count" -eq 9 ] || fail "docs/embedded.md: $count commands that link programs, expected 9"
  echo "docs/embedded.md: $count commands link main.c of adderc emit-c, each gives class $class"
}

# check_documented_script: runs the script of docs/embedded.md in the folder of check_documented.
check_documented_script() {
  local folder=$work/documented
  ln -s "$root/tools" "$folder/tools"
  cp "$work/lenet5.adb" "$folder"
  awk '/^```js/ { is_script = 1; next } /^```/ { is_script = 0 } is_script' "$root/docs/embedded.md" \
    >"$folder/script.mjs"
  (cd "$folder" && node script.mjs) >"$folder/script.txt" 2>&1 </dev/null || true
  grep -q '^Int32Array(10) \[' "$folder/script.txt" || {
    cat "$folder/script.txt" >&2
    fail "docs/embedded.md: the script does not work"
  }
}
