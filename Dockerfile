# One static binary. This file is linted in `make test`, and was not built there.
#   docker build -t romana-compile .
#   docker run --rm -v "$PWD:/work" -w /work romana-compile check topology.yaml
# `lab` needs a real machine: its programs are not in here.
FROM swift:6.3-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libyaml-dev libssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build --configuration release --product romana-compile -Xswiftc -static-executable \
    && cp "$(swift build --configuration release --show-bin-path)/romana-compile" /romana-compile \
    && strip /romana-compile

FROM scratch
COPY --from=build /romana-compile /bin/romana-compile
USER 1000:1000
ENTRYPOINT ["/bin/romana-compile"]
