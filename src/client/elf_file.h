/*
 * What an ELF file says of itself (System V ABI, gABI 4.1): what it needs, where it wants that looked for, which build it is,
 * where its constants are, what it imports. Read with libelf, by program headers first, so that a file without section headers
 * is read as well.
 * Ownership: texts live in the arena given. A file is hostile input: it is never mapped (it may be cut short meanwhile), and each
 * part of it is bounded.
 */
#ifndef TLSWHY_CLIENT_ELF_FILE_H
#define TLSWHY_CLIENT_ELF_FILE_H

#include "base/bytes.h"

/* A part of the file. */
typedef struct elf_part {
    uint64_t offset, len;
} elf_part;

enum { ELF_CONSTANTS_MAX = 32 };

typedef struct elf_file {
    bool is_64;
    unsigned machine;          /* EM_X86_64 ... */
    bool is_program;           /* it names a dynamic linker, or has an entry and needs nothing */
    const char *const *needed; /* DT_NEEDED, ends in NULL */
    size_t num_needed;
    const char *name;                      /* DT_SONAME; NULL none */
    const char *rpath, *runpath;           /* folders with ':' between; NULL none */
    const char *build_id;                  /* hex; NULL none */
    const char *dynamic_linker;            /* PT_INTERP; NULL: linked statically, or a library */
    bool is_stripped;                      /* no symbol table but what the dynamic linker needs */
    elf_part constants[ELF_CONSTANTS_MAX]; /* where texts and tables are: no code, no symbols, no debugging data */
    size_t num_constants;                  /* 0: it has no section headers; they may be anywhere */
    elf_part go_build_info;                /* the section .go.buildinfo; empty none */
} elf_file;

/* False where it is no ELF file, cannot be read, or breaks its own rules; `e` (may be NULL) says which: ERROR_SYSTEM,
 * ERROR_UNSUPPORTED for what is no ELF file at all, ERROR_MALFORMED. */
bool elf_file_read(arena *a, const char *path, elf_file *out, error *e) MUST_CHECK;
/* The same for an open file, which stays the caller's. `path` is for messages. */
bool elf_descriptor_read(arena *a, int fd, const char *path, elf_file *out, error *e) MUST_CHECK;

/* Whether it imports that symbol (its dynamic symbol table has it, undefined). False where it cannot be told. */
bool elf_file_imports(const char *path, const char *symbol);
/* The bytes at an address of the running program, `len` of them; empty where the file does not have them. */
bytes_view elf_file_bytes_at(arena *a, const char *path, uint64_t address, size_t len);

/* Whether the two can be in one process: class and machine. */
bool elf_files_fit(const elf_file *one, const elf_file *other);

#endif
