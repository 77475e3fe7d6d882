#include "client/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bounds of what is read; the largest of real programs (Node.js, Chromium, libjvm) stay a hundredfold below. */
enum { HEADERS_MAX = 256, NEEDED_MAX = 256 };
#define SYMBOLS_LEN_MAX ((size_t)128 * 1024 * 1024)
#define DYNAMIC_LEN_MAX ((size_t)1024 * 1024)
#define STRINGS_LEN_MAX ((size_t)64 * 1024 * 1024)
#define NOTE_LEN_MAX ((size_t)64 * 1024)
#define PATH_LEN_MAX ((size_t)4096)

typedef struct load_segment {
    uint64_t address, offset, len;
} load_segment;

typedef struct elf_source {
    arena *arena;
    Elf *elf;
    uint64_t file_len;
    load_segment loads[HEADERS_MAX];
    size_t num_loads;
    GElf_Phdr dynamic, interpreter;
    bool has_dynamic, has_interpreter;
} elf_source;

/* ---- pieces of the file ------------------------------------------------------------------------------------------------- */

/* NULL where the piece does not lie within the file, or is longer than `len_max`; libelf checks the former. */
static Elf_Data *chunk_at(const elf_source *s, uint64_t offset, uint64_t len, size_t len_max, Elf_Type type)
{
    if (len == 0 || len > len_max || offset > INT64_MAX)
        return NULL;
    return elf_getdata_rawchunk(s->elf, (int64_t)offset, len, type);
}

static bytes_view view_at(const elf_source *s, uint64_t offset, uint64_t len, size_t len_max)
{
    Elf_Data *data = chunk_at(s, offset, len, len_max, ELF_T_BYTE);
    return data == NULL ? bytes_from(NULL, 0) : bytes_from(data->d_buf, data->d_size);
}

/* Where an address of the running program lies in the file. False where no segment has it. */
static bool offset_of_address(const elf_source *s, uint64_t address, uint64_t *offset)
{
    for (size_t i = 0; i < s->num_loads; i++) {
        const load_segment *load = &s->loads[i];
        if (address >= load->address && address - load->address < load->len) {
            *offset = load->offset + (address - load->address);
            return true;
        }
    }
    return false;
}

static const char *text_in(arena *a, bytes_view strings, uint64_t at)
{
    if (at >= strings.len)
        return NULL;
    bytes_view rest = bytes_slice(strings, (size_t)at, PATH_LEN_MAX), text = bytes_until(rest, 0);
    return text.len == rest.len || text.len == 0 ? NULL : bytes_to_text(a, text);
}

/* ---- headers, notes ------------------------------------------------------------------------------------------------------- */

static void take_build_id(const elf_source *s, const GElf_Phdr *header, elf_file *out)
{
    Elf_Data *data = chunk_at(s, header->p_offset, header->p_filesz, NOTE_LEN_MAX, header->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
    GElf_Nhdr note;
    size_t name_at = 0, description_at = 0;
    for (size_t at = 0; data != NULL && (at = gelf_getnote(data, at, &note, &name_at, &description_at)) > 0;) {
        bytes_view all = bytes_from(data->d_buf, data->d_size);
        bool is_gnu = note.n_namesz == sizeof ELF_NOTE_GNU && bytes_start_with(bytes_slice(all, name_at, 4), ELF_NOTE_GNU);
        if (is_gnu && note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= 64)
            out->build_id = bytes_to_hex(s->arena, bytes_slice(all, description_at, note.n_descsz));
    }
}

/* A file that was cut does not have all that is to be loaded. */
static bool is_within_file(const elf_source *s, const GElf_Phdr *header)
{
    return header->p_offset <= s->file_len && header->p_filesz <= s->file_len - header->p_offset;
}

/* None at all (libelf says so too of those that lie past the end of the file) is nothing that can be run or loaded. */
static bool read_headers(elf_source *s, elf_file *out)
{
    size_t num = 0;
    GElf_Phdr header;
    if (elf_getphdrnum(s->elf, &num) != 0 || num == 0 || num > HEADERS_MAX)
        return false;
    for (size_t i = 0; i < num; i++) {
        if (gelf_getphdr(s->elf, (int)i, &header) == NULL)
            return false;
        if (header.p_type == PT_LOAD && !is_within_file(s, &header))
            return false;
        if (header.p_type == PT_LOAD)
            s->loads[s->num_loads++] = (load_segment){header.p_vaddr, header.p_offset, header.p_filesz};
        if (header.p_type == PT_NOTE)
            take_build_id(s, &header, out);
        if (header.p_type == PT_DYNAMIC) {
            s->dynamic = header;
            s->has_dynamic = true;
        }
        if (header.p_type == PT_INTERP) {
            s->interpreter = header;
            s->has_interpreter = true;
        }
    }
    return true;
}

/* ---- the dynamic section ----------------------------------------------------------------------------------------------------- */

/* The last entry of that tag; 0 where there is none. */
static uint64_t dynamic_value(Elf_Data *data, size_t num, int64_t tag)
{
    uint64_t value = 0;
    GElf_Dyn entry;
    for (size_t i = 0; i < num && gelf_getdyn(data, (int)i, &entry) != NULL && entry.d_tag != DT_NULL; i++)
        if (entry.d_tag == tag)
            value = entry.d_un.d_val;
    return value;
}

static void take_needed(const elf_source *s, Elf_Data *data, size_t num, bytes_view strings, elf_file *out)
{
    const char **needed = ARENA_ARRAY(s->arena, NEEDED_MAX + 1, const char *);
    GElf_Dyn entry;
    for (size_t i = 0; i < num && gelf_getdyn(data, (int)i, &entry) != NULL && entry.d_tag != DT_NULL; i++) {
        const char *name = entry.d_tag == DT_NEEDED ? text_in(s->arena, strings, entry.d_un.d_val) : NULL;
        if (name != NULL && out->num_needed < NEEDED_MAX)
            needed[out->num_needed++] = name;
    }
    out->needed = needed;
}

/* False where what the dynamic linker reads does not lie within the file. */
static bool read_dynamic(const elf_source *s, elf_file *out)
{
    static const char *const none[] = {NULL};
    out->needed = none;
    if (!s->has_dynamic || s->dynamic.p_filesz == 0) /* as in what holds debugging symbols alone */
        return true;
    Elf_Data *data = chunk_at(s, s->dynamic.p_offset, s->dynamic.p_filesz, DYNAMIC_LEN_MAX, ELF_T_DYN);
    size_t entry_len = gelf_fsize(s->elf, ELF_T_DYN, 1, EV_CURRENT);
    uint64_t offset = 0;
    if (data == NULL || entry_len == 0)
        return false;
    size_t num = data->d_size / entry_len;
    uint64_t strings_at = dynamic_value(data, num, DT_STRTAB), strings_len = dynamic_value(data, num, DT_STRSZ);
    if (strings_at == 0)
        return true;
    if (!offset_of_address(s, strings_at, &offset))
        return false;
    bytes_view strings = view_at(s, offset, strings_len, STRINGS_LEN_MAX);
    if (strings.len == 0)
        return false;
    take_needed(s, data, num, strings, out);
    uint64_t name = dynamic_value(data, num, DT_SONAME), rpath = dynamic_value(data, num, DT_RPATH),
             runpath = dynamic_value(data, num, DT_RUNPATH);
    out->name = name == 0 ? NULL : text_in(s->arena, strings, name);
    out->rpath = rpath == 0 ? NULL : text_in(s->arena, strings, rpath);
    out->runpath = runpath == 0 ? NULL : text_in(s->arena, strings, runpath);
    return true;
}

/* ---- sections ------------------------------------------------------------------------------------------------------------------
 */

/* Unwinding tables are constants as well, large, and without texts. */
static bool is_unwinding(const char *name)
{
    return strncmp(name, ".eh_frame", 9) == 0 || strcmp(name, ".gcc_except_table") == 0;
}

static void take_section(const GElf_Shdr *header, const char *name, elf_file *out)
{
    elf_part part = {header->sh_offset, header->sh_size};
    if (header->sh_type == SHT_SYMTAB)
        out->is_stripped = false;
    if (header->sh_type != SHT_PROGBITS || (header->sh_flags & SHF_ALLOC) == 0 || (header->sh_flags & SHF_EXECINSTR) != 0)
        return;
    if (name != NULL && strcmp(name, ".go.buildinfo") == 0)
        out->go_build_info = part;
    if ((name == NULL || !is_unwinding(name)) && out->num_constants < ELF_CONSTANTS_MAX && part.len > 0)
        out->constants[out->num_constants++] = part;
}

/* Section headers may be missing altogether, or lie; what they say is a hint where to look. */
static void read_sections(const elf_source *s, elf_file *out)
{
    GElf_Shdr header;
    size_t names = 0;
    bool has_names = elf_getshdrstrndx(s->elf, &names) == 0;
    out->is_stripped = true;
    for (Elf_Scn *section = elf_nextscn(s->elf, NULL); section != NULL; section = elf_nextscn(s->elf, section))
        if (gelf_getshdr(section, &header) != NULL)
            take_section(&header, has_names ? elf_strptr(s->elf, names, header.sh_name) : NULL, out);
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------------------------- */

static bool read_elf(elf_source *s, const char *path, elf_file *out, error *e)
{
    GElf_Ehdr header;
    if (gelf_getehdr(s->elf, &header) == NULL || (header.e_type != ET_EXEC && header.e_type != ET_DYN) || !read_headers(s, out) ||
        !read_dynamic(s, out))
        return error_set(e, ERROR_MALFORMED, "%s is a damaged program file (ELF), or none that can be run", path);
    out->is_64 = gelf_getclass(s->elf) == ELFCLASS64;
    out->machine = header.e_machine;
    bytes_view named =
        s->has_interpreter ? view_at(s, s->interpreter.p_offset, s->interpreter.p_filesz, PATH_LEN_MAX) : bytes_from(NULL, 0);
    out->dynamic_linker = named.len == 0 ? NULL : bytes_to_text(s->arena, bytes_until(named, 0));
    out->is_program = out->dynamic_linker != NULL || (header.e_entry != 0 && out->num_needed == 0 && out->name == NULL);
    read_sections(s, out);
    return true;
}

/* Opens `fd` as ELF; NULL with a sentence. */
static Elf *open_elf(int fd, const char *path, uint64_t *len, error *e)
{
    struct stat is;
    if (fstat(fd, &is) != 0) {
        (void)error_set_errno(e, "cannot read %s", path);
        return NULL;
    }
    Elf *elf = !S_ISREG(is.st_mode) || elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(fd, ELF_C_READ, NULL);
    *len = (uint64_t)is.st_size;
    if (elf != NULL && elf_kind(elf) == ELF_K_ELF)
        return elf;
    (void)elf_end(elf);
    (void)error_set(e, ERROR_UNSUPPORTED, "%s is no program file (ELF)", path);
    return NULL;
}

bool elf_descriptor_read(arena *a, int fd, const char *path, elf_file *out, error *e)
{
    *out = (elf_file){.needed = NULL};
    uint64_t len = 0;
    Elf *elf = open_elf(fd, path, &len, e);
    if (elf == NULL)
        return false;
    arena *own = arena_new();
    elf_source *source = ARENA_NEW(own, elf_source);
    source->arena = a;
    source->elf = elf;
    source->file_len = len;
    bool done = read_elf(source, path, out, e);
    arena_free(own);
    (void)elf_end(elf);
    return done;
}

/* Without waiting for a pipe. */
static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

bool elf_file_read(arena *a, const char *path, elf_file *out, error *e)
{
    int fd = open_file(path);
    if (fd < 0)
        return error_set_errno(e, "cannot read %s", path);
    bool done = elf_descriptor_read(a, fd, path, out, e);
    (void)close(fd);
    return done;
}

bool elf_files_fit(const elf_file *one, const elf_file *other)
{
    return one->is_64 == other->is_64 && one->machine == other->machine;
}

/* ---- looked up when it is asked for --------------------------------------------------------------------------------------------
 */

typedef struct question {
    const char *symbol;
    uint64_t address;
    size_t len;
    arena *arena;
    bytes_view bytes;
    bool is_imported;
} question;

static void look_for_symbol(const elf_source *s, const GElf_Shdr *header, question *q)
{
    GElf_Shdr linked;
    Elf_Scn *strings_section = elf_getscn(s->elf, header->sh_link);
    if (strings_section == NULL || gelf_getshdr(strings_section, &linked) == NULL || linked.sh_type != SHT_STRTAB)
        return;
    bytes_view strings = view_at(s, linked.sh_offset, linked.sh_size, STRINGS_LEN_MAX);
    Elf_Data *data = chunk_at(s, header->sh_offset, header->sh_size, SYMBOLS_LEN_MAX, ELF_T_SYM);
    size_t entry_len = gelf_fsize(s->elf, ELF_T_SYM, 1, EV_CURRENT);
    GElf_Sym symbol;
    for (size_t i = 0; data != NULL && entry_len != 0 && i < data->d_size / entry_len && !q->is_imported; i++) {
        if (gelf_getsym(data, (int)i, &symbol) == NULL || symbol.st_shndx != SHN_UNDEF || symbol.st_name >= strings.len)
            continue;
        bytes_view name = bytes_until(bytes_slice(strings, symbol.st_name, strlen(q->symbol) + 1), 0);
        q->is_imported = bytes_equal(name, bytes_from_text(q->symbol));
    }
}

static void answer_symbol(elf_source *s, question *q)
{
    GElf_Shdr header;
    for (Elf_Scn *section = elf_nextscn(s->elf, NULL); section != NULL; section = elf_nextscn(s->elf, section))
        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_DYNSYM)
            look_for_symbol(s, &header, q);
}

static void answer_address(elf_source *s, question *q)
{
    elf_file unused = {.needed = NULL};
    uint64_t offset;
    if (read_headers(s, &unused) && offset_of_address(s, q->address, &offset))
        q->bytes = bytes_copy(q->arena, view_at(s, offset, q->len, PATH_LEN_MAX));
}

static void ask(const char *path, void (*answer)(elf_source *, question *), question *q)
{
    int fd = open_file(path);
    uint64_t len = 0;
    Elf *elf = fd < 0 ? NULL : open_elf(fd, path, &len, NULL);
    if (elf != NULL) {
        arena *own = arena_new();
        elf_source *source = ARENA_NEW(own, elf_source);
        source->arena = own;
        source->elf = elf;
        source->file_len = len;
        answer(source, q);
        arena_free(own);
        (void)elf_end(elf);
    }
    if (fd >= 0)
        (void)close(fd);
}

bool elf_file_imports(const char *path, const char *symbol)
{
    question q = {.symbol = symbol};
    ask(path, answer_symbol, &q);
    return q.is_imported;
}

bytes_view elf_file_bytes_at(arena *a, const char *path, uint64_t address, size_t len)
{
    question q = {.arena = a, .address = address, .len = len};
    ask(path, answer_address, &q);
    return q.bytes;
}
