# rarl-eval on a CPU, with a user of its own: docker build -t rarl-eval . && docker run --rm -v "$PWD:/work" rarl-eval doctor
# Code of models runs in the sandbox's tier that the host allows; doctor says which, and docs/sandbox.md what it holds.
FROM python:3.12-slim-bookworm

RUN useradd --create-home --uid 1000 rarl
COPY . /src
RUN python -m pip install --no-cache-dir --disable-pip-version-check "/src[local]" && rm -rf /src

USER rarl
WORKDIR /work
ENTRYPOINT ["rarl-eval"]
CMD ["--help"]
