package io.gq.raft;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Trusts who holds a certificate of the cluster's authorities and is a member; the host it connects from or listens at is of no matter. */
final class MemberTrust extends X509ExtendedTrustManager {

    private final X509TrustManager signatures;
    private final Predicate<X509Certificate> member;

    private MemberTrust(X509TrustManager signatures, Predicate<X509Certificate> member) {
        this.signatures = signatures;
        this.member = member;
    }

    static MemberTrust of(List<X509Certificate> authorities, Predicate<X509Certificate> member)
            throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            anchors.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(anchors);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return new MemberTrust(found, member);
            }
        }
        throw new GeneralSecurityException("PKIX: no X.509 trust manager");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        signatures.checkClientTrusted(chain, authType);
        checkMember(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        signatures.checkServerTrusted(chain, authType);
        checkMember(chain[0]);
    }

    private void checkMember(X509Certificate certificate) throws CertificateException {
        if (!member.test(certificate)) {
            throw new CertificateException("certificate of " + certificate.getSubjectX500Principal()
                    + " (expected: one of a server of this cluster)");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return signatures.getAcceptedIssuers();
    }
}
