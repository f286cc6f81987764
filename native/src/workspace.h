// One allocation per kernel call, carved into aligned arrays of floats: some shared, some for each thread.
#ifndef LETHE_WORKSPACE_H_
#define LETHE_WORKSPACE_H_

#include <stdint.h>
#include <stdlib.h>

namespace lethe {
namespace {

// Sums up the arrays' sizes. After an overflow `overflowed` stays true.
struct Layout {
  int64_t floats = 0;
  bool overflowed = false;

  // Adds a [rows, columns] array and returns its offset in floats, a multiple of 64 bytes.
  int64_t add(int64_t rows, int64_t columns) {
    const int64_t offset = floats;
    int64_t size;
    overflowed = overflowed || __builtin_mul_overflow(rows, columns, &size) ||
                 __builtin_add_overflow(size, int64_t{15}, &size) ||
                 __builtin_add_overflow(floats, size / 16 * 16, &floats);
    return offset;
  }
};

// Zero or more 64-byte aligned floats; `data` is NULL where they cannot be had.
struct Block {
  float* data = nullptr;

  explicit Block(int64_t floats) {
    int64_t bytes;
    if (!__builtin_mul_overflow(floats, int64_t{sizeof(float)}, &bytes) &&
        !__builtin_add_overflow(bytes, int64_t{64}, &bytes)) {
      data = static_cast<float*>(aligned_alloc(64, static_cast<size_t>(bytes)));
    }
  }
  ~Block() { free(data); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
};

}  // namespace
}  // namespace lethe

#endif  // LETHE_WORKSPACE_H_
