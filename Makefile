# A front over dev.py, which works without make too: `python3 dev.py demo`.
# Words for the task go in ARGS: `make test ARGS="tests/rules -k offer"`, `make serve ARGS="--port 8080"`.

TASKS = demo serve test check bench eval-shopping eval-chat soak docs generate lock fmt clean help

.DEFAULT_GOAL = help
.NOTPARALLEL:
.PHONY: $(TASKS)

# Any Python 3 will do: dev.py itself looks for one that is new enough, or says what to install.
$(TASKS):
	@for python in $(PYTHON) python3 python python3.13 python3.14 python3.12 python3.11; do \
		if "$$python" -c "import sys; sys.exit(sys.version_info < (3, 6))" >/dev/null 2>&1; then \
			exec "$$python" dev.py $@ $(ARGS); \
		fi; \
	done; \
	echo "Chaffer needs Python 3.11 or newer, and there is no Python on the PATH." \
		"Install one from https://www.python.org/downloads/ and run 'make $@' again." >&2; \
	exit 2
