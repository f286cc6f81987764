#!/usr/bin/env bash
# Builds the native kernels of native/ into target/native/. Maven runs it, CI runs it, and so can you.
#
#   ./cppbuild.sh                    build what is out of date
#   ./cppbuild.sh test               build and run the native tests
#   ./cppbuild.sh test --sanitize    the same under the address and undefined-behaviour sanitizers
#   ./cppbuild.sh cuda-resources     build the CUDA library and print what each of its kernels takes of a GPU
#   ./cppbuild.sh cuda-on-host       build a stand-in for the CUDA library that runs its kernels on the CPU, slowly
#   ./cppbuild.sh check-glue DIR     fail unless the JNI glue in DIR binds every function (Maven runs this)
#
# CXX and NVCC name other compilers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly CXX="${CXX:-g++}"
readonly NVCC="${NVCC:-nvcc}"

die() {
  echo "cppbuild.sh: $*" >&2
  exit 1
}

command -v "$CXX" >/dev/null ||
  die "$CXX not found; install a C++ compiler with OpenMP (Debian, Ubuntu: sudo apt install g++; Fedora: sudo dnf install gcc-c++)"

# -ffp-contract=fast lets products and sums fuse where the instruction set can: fewer roundings, and faster. Results
# differ in the last bits between instruction sets, never between runs or numbers of threads. No -ffast-math: NaN and
# infinity must come through. No -march=native: the library runs on any x86-64 and picks its variant at run time.
FLAGS=(-std=c++17 -fPIC -fvisibility=hidden -fopenmp -ffp-contract=fast -fno-math-errno
  -Wall -Wextra -Werror -Inative/include -Inative/src)
OUT=target/native
if [[ "${2:-}" == --sanitize ]]; then
  OUT=target/native-sanitize
  FLAGS+=(-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all)
else
  FLAGS+=(-O3)
fi
readonly FLAGS OUT

# Every .cpp of native/src is compiled once; every *_simd.cpp once per instruction set.
isas() {
  if [[ "$("$CXX" -dumpmachine)" == x86_64-* ]]; then
    echo avx512bf16 avx512 avx2
  fi
  echo portable
}

isa_flags() {
  case "$1" in
    avx512bf16) isa_flags avx512; echo -mavx512bf16 ;;
    avx512) echo -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma ;;
    avx2) echo -mavx2 -mfma ;;
  esac
}

# newer TARGET SOURCES...: whether TARGET is newer than all of SOURCES, and than this script.
newer() {
  local target=$1 source
  shift
  [[ -e "$target" ]] || return 1
  for source in cppbuild.sh "$@"; do
    [[ "$source" -nt "$target" ]] && return 1
  done
  return 0
}

# start COMMAND...: in the background, as many at once as there are processors. Whatever needs their results calls
# finish_all first, which fails if one of them has.
started=0
start() {
  if ((started >= $(nproc))); then finish_one; fi
  "$@" &
  started=$((started + 1))
}

finish_one() {
  wait -n || die "a command failed; its messages are above"
  started=$((started - 1))
}

finish_all() {
  while ((started > 0)); do finish_one; done
}

# compile SOURCE OBJECT FLAGS...: unless OBJECT is newer than SOURCE and than every header.
compile() {
  local source=$1 object=$2
  shift 2
  newer "$object" "$source" $(headers) && return
  mkdir -p "$(dirname "$object")"
  echo "  $source${*:+ ($*)}"
  start compile_into "$object" "$CXX" "${FLAGS[@]}" "$@" -c "$source"
}

# compile_into OBJECT COMMAND...: half an object must not look like one.
compile_into() {
  local object=$1
  shift
  "$@" -o "$object.new"
  mv "$object.new" "$object"
}

headers() {
  find native -name '*.h'
}

build_library() {
  local library=$OUT/liblethe_kernels.so source name isa objects=()
  for source in native/src/*.cpp; do
    name=$(basename "$source" .cpp)
    if [[ "$name" == *_simd ]]; then
      for isa in $(isas); do
        compile "$source" "$OUT/objects/$name.$isa.o" "-DLETHE_ISA=$isa" $(isa_flags "$isa")
        objects+=("$OUT/objects/$name.$isa.o")
      done
    else
      compile "$source" "$OUT/objects/$name.o"
      objects+=("$OUT/objects/$name.o")
    fi
  done
  finish_all
  if ! newer "$library" "${objects[@]}"; then
    "$CXX" "${FLAGS[@]}" -shared -Wl,-soname,liblethe_kernels.so "${objects[@]}" -o "$library.new"
    mv "$library.new" "$library"
    echo "native: built $library"
  fi
}

# GPUs of three generations, and PTX for those to come.
readonly GPUS=(-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90
  -gencode arch=compute_100,code=sm_100 -gencode arch=compute_100,code=compute_100)

# Every .cu of native/src.
build_cuda_library() {
  local library=$OUT/liblethe_kernels_cuda.so source object objects=()
  newer "$library" native/src/*.cu $(headers) && return
  if ! command -v "$NVCC" >/dev/null; then
    echo "native: $NVCC not found, so no CUDA kernels"
    return
  fi
  mkdir -p "$OUT/objects"
  for source in native/src/*.cu; do
    object=$OUT/objects/$(basename "$source").sm.o
    objects+=("$object")
    newer "$object" "$source" $(headers) && continue
    echo "  $source"
    start compile_cuda "$source" "$object"
  done
  finish_all
  # The shared runtime is LibTorch's: one current device for both.
  "$NVCC" -shared -cudart shared -Werror all-warnings "${GPUS[@]}" "${objects[@]}" -o "$library.new"
  mv "$library.new" "$library"
  echo "native: built $library"
}

# Device code for this processor, rounding as on a GPU: products and sums fuse in fmaf only.
on_host_flags() {
  echo -x c++ -Inative/tests -ffp-contract=off
  if has_isa avx2; then echo -mfma; fi
}

# The same entry points over the host emulation of the native tests, which proves what calls them without a GPU.
build_cuda_on_host() {
  local library=$OUT/liblethe_kernels_cuda_on_host.so source name objects=()
  for source in native/src/*.cu native/tests/cuda_on_host.cpp; do
    name=$(basename "$source" .cpp)
    compile "$source" "$OUT/objects/$name.o" $(on_host_flags)
    objects+=("$OUT/objects/$name.o")
  done
  finish_all
  newer "$library" "${objects[@]}" && return
  "$CXX" "${FLAGS[@]}" -shared -Wl,-z,defs "${objects[@]}" -o "$library.new"
  mv "$library.new" "$library"
  echo "native: built $library"
}

# compile_cuda SOURCE OBJECT: what the kernels take is kept in OBJECT.resources.
compile_cuda() {
  local source=$1 object=$2
  if ! "$NVCC" -std=c++17 -O3 -fmad=false -Werror all-warnings \
    -Xcompiler -fPIC,-fvisibility=hidden,-Wall,-Wextra,-Werror \
    -Xptxas -v "${GPUS[@]}" -Inative/include -Inative/src -c "$source" -o "$object.new" 2>"$object.resources"; then
    grep -v '^ptxas info' "$object.resources" >&2
    return 1
  fi
  mv "$object.new" "$object"
}

# A line for each kernel: registers of a thread and bytes of shared memory of a block on the three generations of GPUs,
# and the most bytes that a thread spills to memory on any of them.
cuda_resources() {
  local source
  command -v "$NVCC" >/dev/null || die "$NVCC not found; cuda-resources asks CUDA's compiler"
  echo '| kernel | registers sm_80 | sm_90 | sm_100 | shared memory | spilled |'
  echo '|---|---|---|---|---|---|'
  for source in native/src/*.cu; do
    cat "$OUT/objects/$(basename "$source").sm.o.resources"
  done | awk '
    function bytes_before(words) {
      return match($0, "[0-9]+ bytes " words) ? substr($0, RSTART) + 0 : 0
    }
    /Compiling entry function/ {
      split($0, quoted, "\047")
      kernel = quoted[2]
      gpu = quoted[4]
    }
    /spill stores/ {
      bytes = bytes_before("spill stores") + bytes_before("spill loads")
      spilled[kernel] = bytes > spilled[kernel] ? bytes : spilled[kernel] + 0
    }
    / Used [0-9]+ registers/ {
      match($0, "Used [0-9]+")
      registers[kernel, gpu] = substr($0, RSTART + 5) + 0
      shared[kernel] = bytes_before("smem")
    }
    END {
      for (kernel in shared)
        printf "| %s | %d | %d | %d | %d | %d |\n", kernel, registers[kernel, "sm_80"], registers[kernel, "sm_90"],
          registers[kernel, "sm_100"], shared[kernel], spilled[kernel]
    }' | c++filt |
    sed -E 's/^\| (void )?/| /; s/lethe::|\(anonymous namespace\):://g; s/unsigned short/bf16/g; s/float/f32/g
            s/^\| ([a-z0-9_]+(<[^>]*>)?)\([^|]*\) \|/| `\1` |/' | sort
}

# Whether this processor has an instruction set; LETHE_ISA would fall back to a lesser one.
has_isa() {
  case "$1" in
    avx512bf16) grep -qw avx512_bf16 /proc/cpuinfo ;;
    avx512) grep -qw avx512bw /proc/cpuinfo ;;
    avx2) grep -qw avx2 /proc/cpuinfo ;;
    portable) ;;
  esac
}

# The library with AVX-512's variants over instructions that are written out (native/tests/avx512_on_host), for AVX2.
build_avx512_on_host() {
  local source name isa macros objects=() out=$OUT/avx512_on_host
  for source in native/src/*.cpp; do
    name=$(basename "$source" .cpp)
    if [[ "$name" == *_simd ]]; then
      for isa in avx512bf16 avx512; do
        macros=(-D__AVX512F__)
        if [[ "$isa" == avx512bf16 ]]; then macros+=(-D__AVX512BF16__); fi
        compile "$source" "$out/$name.$isa.o" "-DLETHE_ISA=$isa" "${macros[@]}" -Inative/tests/avx512_on_host \
          $(isa_flags avx2) -Wno-psabi
        objects+=("$out/$name.$isa.o")
      done
      objects+=("$OUT/objects/$name".{avx2,portable}.o)
    elif [[ "$name" == isa ]]; then
      compile "$source" "$out/$name.o" -DLETHE_AVX512_ON_HOST
      objects+=("$out/$name.o")
    else
      objects+=("$OUT/objects/$name.o")
    fi
  done
  finish_all
  newer "$out/liblethe_kernels.so" "${objects[@]}" && return
  "$CXX" "${FLAGS[@]}" -shared -Wl,-soname,liblethe_kernels.so "${objects[@]}" -o "$out/liblethe_kernels.so.new"
  mv "$out/liblethe_kernels.so.new" "$out/liblethe_kernels.so"
}

# Runs a test under an instruction set that the processor need not have. Under the sanitizers, which are slow enough, what
# it lacks is left out.
run_test() {
  local program=$1 isa=$2 library=
  if ! has_isa "$isa"; then
    [[ "$isa" == avx512* && "$OUT" != *-sanitize ]] && has_isa avx2 || return 0
    library=$OUT/avx512_on_host/liblethe_kernels.so
  fi
  # The tests ask for more memory than there is and expect a status, not an abort.
  LETHE_ISA=$isa ASAN_OPTIONS=allocator_may_return_null=1 LD_PRELOAD=$library "$program"
}

run_tests() {
  local source name isa helpers=() programs=()
  if has_isa avx2 && ! has_isa avx512bf16 && [[ "$OUT" != *-sanitize ]]; then
    build_avx512_on_host
  fi
  for source in native/src/reference/*.cpp native/src/*.cu native/tests/*.cpp; do
    name=$(basename "$source" .cpp)
    case "$source" in
      native/src/reference/*) name=reference/$name ;;
      *_cuda_test.cpp) programs=("$name" "${programs[@]}") ;;  # they take longest
      *_test.cpp) programs+=("$name") ;;
    esac
    if [[ "$source" == *.cu ]]; then
      compile "$source" "$OUT/objects/$name.o" $(on_host_flags)
    else
      compile "$source" "$OUT/objects/$name.o"
    fi
    [[ "$name" == *_test ]] || helpers+=("$OUT/objects/$name.o")
  done
  finish_all
  for name in "${programs[@]}"; do
    "$CXX" "${FLAGS[@]}" "$OUT/objects/$name.o" "${helpers[@]}" -L"$OUT" -llethe_kernels -Wl,-rpath,'$ORIGIN' \
      -o "$OUT/$name"
    for isa in $([[ "$name" == *_cuda_test ]] && echo portable || isas); do
      start run_test "$OUT/$name" "$isa"
    done
  done
  finish_all
}

# The javacpp plugin only warns about classes and methods that it leaves out.
check_glue() {
  local class declared bound
  for class in LetheKernels LetheCudaKernels; do
    declared=$(grep -c ' static native ' "src/main/java/lethe/kernel/$class.java")
    bound=$(nm -D --defined-only "$1/libjni$class.so" | grep -c " Java_lethe_kernel_${class}_[a-z]" || true)
    [[ "$bound" == "$declared" ]] ||
      die "$1/libjni$class.so binds $bound of the $declared functions of $class.java; see the javacpp plugin's warnings"
  done
}

case "${1:-build}" in
  build)
    build_library
    build_cuda_library
    ;;
  test)
    build_library
    run_tests
    ;;
  cuda-resources)
    build_cuda_library >&2
    cuda_resources
    ;;
  cuda-on-host) build_cuda_on_host ;;
  check-glue) check_glue "${2:?directory of the JNI glue}" ;;
  *) die "unknown command $1 (build, test, cuda-resources, cuda-on-host, check-glue)" ;;
esac
