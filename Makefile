# A thin front: Meson and Ninja do the work. `make demo` and `make check` install what they need on Debian 12, as root or by sudo.
PREFIX ?= /usr/local
export PREFIX

.PHONY: build demo check lab lint format bench install clean

build:
	tools/setup.sh build
	tools/build.sh build $(if $(wildcard build/build.ninja),,-Dtests=false)

demo:
	tools/setup.sh build demo
	tools/build.sh build $(if $(wildcard build/build.ninja),,-Dtests=false)
	demo/run build/tlswhy

check:
	tools/setup.sh build check lab
	tools/check.sh

lab:
	tools/setup.sh build lab
	tools/build.sh build $(if $(wildcard build/build.ninja),,-Dtests=false)
	tools/lab.sh build/tlswhy

bench:
	tools/setup.sh build lab bench
	tools/build.sh build $(if $(wildcard build/build.ninja),,-Dtests=false)
	bench/run build/tlswhy
	bench/watching build/tlswhy
	bench/server build/tlswhy

lint:
	python3 tools/lint.py

format:
	git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'include/*.h' 'bench/*.c' | xargs clang-format -i

install: build
	meson install -C build --no-rebuild $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

clean:
	rm -rf build build-*
