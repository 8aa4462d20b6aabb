package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// writeIdentities writes keys, certificates, tokens and kubeconfigs, and returns who the
// administrator is.
func writeIdentities(folder, kubeconfig string) (*rest.Config, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	authority, err := writeCertificates(within(folder))
	if err != nil {
		return nil, err
	}
	host := fmt.Sprintf("https://127.0.0.1:%d", port)
	if err := writeUsers(within(folder), kubeconfig, host, authority); err != nil {
		return nil, err
	}
	return clientcmd.BuildConfigFromFlags("", kubeconfig)
}

// writeUsers gives each user a random token, in the API server's list and in a kubeconfig.
func writeUsers(in func(string) string, kubeconfig, host string, authority []byte) error {
	users := []struct{ name, groups, file string }{
		{"admin", "system:masters", kubeconfig},
		{"system:kube-controller-manager", "", in("kube-controller-manager.kubeconfig")},
		{"system:kube-scheduler", "", in("kube-scheduler.kubeconfig")},
	}
	var tokens strings.Builder
	for _, user := range users {
		token := rand.Text()
		fmt.Fprintf(&tokens, "%s,%s,%s,%q\n", token, user.name, user.name, user.groups)
		config := clientcmdapi.NewConfig()
		config.Clusters["cluster"] = &clientcmdapi.Cluster{Server: host, CertificateAuthorityData: authority}
		config.AuthInfos["user"] = &clientcmdapi.AuthInfo{Token: token}
		config.Contexts["cluster"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: "user"}
		config.CurrentContext = "cluster"
		if err := clientcmd.WriteToFile(*config, user.file); err != nil {
			return err
		}
	}
	return os.WriteFile(in("tokens.csv"), []byte(tokens.String()), 0o600)
}

// writeCertificates writes a certificate authority, the API server's certificate under it, and
// the key that signs service account tokens; it returns the authority's certificate.
func writeCertificates(in func(string) string) ([]byte, error) {
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cluster"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)},
	}
	authorityKey, err := writeKey(in("authority.key"))
	if err != nil {
		return nil, err
	}
	serverKey, err := writeKey(in("server.key"))
	if err != nil {
		return nil, err
	}
	if _, err := writeKey(in("accounts.key")); err != nil {
		return nil, err
	}
	certificate, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return nil, err
	}
	if err := writePEM(in("authority.crt"), "CERTIFICATE", certificate); err != nil {
		return nil, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, server, authority, serverKey.Public(), authorityKey)
	if err != nil {
		return nil, err
	}
	if err := writePEM(in("server.crt"), "CERTIFICATE", signed); err != nil {
		return nil, err
	}
	return os.ReadFile(in("authority.crt"))
}

func writeKey(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	content, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(file, "EC PRIVATE KEY", content)
}

func writePEM(file, kind string, content []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600)
}

// freePort returns a port that nobody had a moment ago.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
