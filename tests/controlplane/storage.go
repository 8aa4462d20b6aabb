package main

import (
	"net/url"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
)

// storageSocket is where etcd listens: a socket in our folder, so no port and no certificate.
func storageSocket(folder string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(folder, "etcd.sock")}
}

// startStorage runs etcd in this process, as its own only member.
func startStorage(folder, log string, noFsync bool) (*embed.Etcd, error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(folder, "etcd")
	config.UnsafeNoFsync = noFsync
	config.LogLevel = "warn"
	config.LogOutputs = []string{log}
	// A lone member elects itself after this many milliseconds; the default is a second.
	config.TickMs, config.ElectionMs = 10, 100
	client := []url.URL{storageSocket(folder)}
	peer := []url.URL{{Scheme: "unix", Path: filepath.Join(folder, "peer.sock")}}
	config.ListenClientUrls, config.AdvertiseClientUrls = client, client
	config.ListenPeerUrls, config.AdvertisePeerUrls = peer, peer
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	storage, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	<-storage.Server.ReadyNotify()
	return storage, nil
}
